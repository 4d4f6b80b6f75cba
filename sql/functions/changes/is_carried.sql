/*
 * Whether a row has only followed a rename: it named a site, job type, schedule or
 * calendar that is no more.
 * The foreign keys see to it that this is no edit, and the rename itself is noted.
 */
create or replace function pgdispatch.is_carried(p_before jsonb)
returns boolean
language sql
stable
as $$
    select
        not exists (select from pgdispatch.site where name = p_before ->> 'site')
        and p_before ->> 'site' is not null
        or not exists (select from pgdispatch.job_type where name = p_before ->> 'type')
        and p_before ->> 'type' is not null
        or not exists (select from pgdispatch.schedule where name = p_before ->> 'schedule')
        and p_before ->> 'schedule' is not null
        or not exists (select from pgdispatch.calendar where name = p_before ->> 'calendar')
        and p_before ->> 'calendar' is not null
        or exists (
            select
            from jsonb_array_elements_text(nullif(p_before -> 'types', 'null')) as t (name)
            where t.name not in (select name from pgdispatch.job_type)
        )
$$;

comment on function pgdispatch.is_carried(jsonb) is
'Whether what a row had before names something that has just been renamed.';
