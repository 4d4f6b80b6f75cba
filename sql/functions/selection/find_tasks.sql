/*
 * The tasks that fit all that is given, in the order of their numbers: what a verb for many would
 * hit. Locks: none.
 */
create or replace function pgdispatch.find_tasks(
    p_site text default null,
    p_type text default null,
    p_schedule text default null,
    p_title text default null,
    p_datasource text default null,
    p_is_enabled boolean default null,
    p_is_suspended boolean default null,
    p_limit integer default 1000
)
returns table (
    task bigint,
    type text,
    site text,
    title text,
    schedule text,
    is_enabled boolean,
    suspended_at timestamptz,
    found bigint
)
language plpgsql
stable
as $$
begin
    return query
    select
        t.id,
        t.type,
        t.site,
        t.title,
        t.schedule,
        t.enabled,
        p.suspended_at,
        count(*) over ()
    from pgdispatch.task as t
    left join pgdispatch.suspension as p
        on p.task = t.id
        and p.streak_since is not distinct from t.streak_since
    where (p_site is null or t.site = p_site)
        and (p_type is null or t.type = p_type)
        and (p_schedule is null or t.schedule = p_schedule)
        and (p_title is null or strpos(lower(t.title), lower(p_title)) > 0)
        and (p_datasource is null or t.datasource = p_datasource)
        and (p_is_enabled is null or t.enabled = p_is_enabled)
        and (p_is_suspended is null or (p.task is not null) = p_is_suspended)
    order by t.id
    limit greatest(least(coalesce(p_limit, 1000), 1000), 0);
end
$$;

comment on function pgdispatch.find_tasks(
    text, text, text, text, text, boolean, boolean, integer
) is
'The tasks that have all that is given, p_title as a part of theirs; by number, at most 1000, each '
'with how many are found in all. For verbs: select pgdispatch.resume(task) from '
'pgdispatch.find_tasks(p_site => ''acme'', p_is_suspended => true).';
