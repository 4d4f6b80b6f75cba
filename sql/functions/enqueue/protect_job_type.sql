/* Trigger: the job types that come with the package stay. */
create or replace function pgdispatch.protect_job_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgdispatch.refuse(
        format('job type %s cannot be deleted or renamed', old.name),
        'it comes with the package; nodes leave it out by except_types in pgdispatch.node'
    );
    return null;
end
$$;

comment on function pgdispatch.protect_job_type() is
'Trigger: refuses to delete or rename a job type that comes with the package (JD001).';

create or replace trigger protect_job_type
before delete on pgdispatch.job_type
for each row
when (old.is_built_in)
execute function pgdispatch.protect_job_type();

create or replace trigger protect_job_type_name
before update of name, is_built_in on pgdispatch.job_type
for each row
when (old.is_built_in and (old.name, true) is distinct from (new.name, new.is_built_in))
execute function pgdispatch.protect_job_type();

comment on trigger protect_job_type on pgdispatch.job_type is
'Refuses to delete a job type that comes with the package.';
comment on trigger protect_job_type_name on pgdispatch.job_type is
'Refuses to rename a job type that comes with the package.';
