/* Trigger: nodes that take all job types but some take a new one too. Locks: their rows. */
create or replace function pgdispatch.apply_job_type()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgdispatch.node
    set served_types = served_types
    where except_types is not null;
    return null;
end
$$;

comment on function pgdispatch.apply_job_type() is
'Trigger: works out anew which types the nodes take that take all but some.';

create or replace trigger apply_job_type
after insert or delete or update of name on pgdispatch.job_type
for each statement execute function pgdispatch.apply_job_type();

comment on trigger apply_job_type on pgdispatch.job_type is
'Lets nodes that take all but some types take a new one.';
