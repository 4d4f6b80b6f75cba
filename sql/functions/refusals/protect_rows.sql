/* Trigger: what has rows that always have to be there cannot be emptied. */
create or replace function pgdispatch.protect_rows()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.refuse(
        format('the table %s cannot be emptied', tg_table_name),
        'delete the rows that you have added; the others come with the package'
    );
    return null;
end
$$;

comment on function pgdispatch.protect_rows() is
'Trigger: refuses to empty a table that has rows of the package (JD001).';

create or replace trigger protect_rows
before truncate on pgdispatch.setting
for each statement execute function pgdispatch.protect_rows();

create or replace trigger protect_rows
before truncate on pgdispatch.job_type
for each statement execute function pgdispatch.protect_rows();

create or replace trigger protect_rows
before truncate on pgdispatch.site
for each statement execute function pgdispatch.protect_rows();

comment on trigger protect_rows on pgdispatch.setting is 'Refuses to empty it.';
comment on trigger protect_rows on pgdispatch.job_type is 'Refuses to empty it.';
comment on trigger protect_rows on pgdispatch.site is 'Refuses to empty it.';
