/*
 * The jobs that wait or run and fit all that is given, in the order of their numbers: what a verb
 * for many does would hit. Locks: none, so that they may have gone on when it is done.
 */
create or replace function pgdispatch.find_queued(
    p_site text default null,
    p_type text default null,
    p_schedule text default null,
    p_task bigint default null,
    p_title text default null,
    p_datasource text default null,
    p_node text default null,
    p_state text default null,
    p_priority_not integer default null,
    p_limit integer default 1000
)
returns table (
    job bigint,
    type text,
    site text,
    title text,
    schedule text,
    task bigint,
    priority smallint,
    state text,
    backgrounder text,
    created_at timestamptz,
    found bigint
)
language plpgsql
stable
as $$
begin
    if p_state not in ('waiting', 'running') then
        raise exception using  -- refuse is not the caller's to call
            errcode = 'JD001',
            message = format('a job in the queue is never %L', left(p_state, 40)),
            hint = 'use waiting or running';
    end if;
    return query
    select
        j.id,
        j.type,
        j.site,
        j.title,
        j.schedule,
        j.task,
        j.priority,
        case j.state when 'running' then j.state else 'waiting' end,
        j.backgrounder,
        j.created_at,
        count(*) over ()
    from pgdispatch.job as j
    where (p_site is null or j.site = p_site)
        and (p_type is null or j.type = p_type)
        and (p_schedule is null or j.schedule = p_schedule)
        and (p_task is null or j.task = p_task)
        and (p_title is null or strpos(lower(coalesce(j.title, '')), lower(p_title)) > 0)
        and (p_datasource is null or j.datasource = p_datasource)
        and (p_node is null or j.node = p_node)
        and (p_state is null or (p_state = 'running') = (j.backgrounder is not null))
        and (p_priority_not is null or j.priority <> p_priority_not)
    order by j.id
    limit greatest(least(coalesce(p_limit, 1000), 1000), 0);
end
$$;

comment on function pgdispatch.find_queued(
    text, text, text, bigint, text, text, text, text, integer, integer
) is
'The jobs that wait or run (p_state: one of the two) and have all that is given, p_title as a part '
'of their title, and any priority but p_priority_not; by number, at most 1000, each with how many '
'are found in all. For verbs: select pgdispatch.cancel(job) from pgdispatch.find_queued(p_site => '
'''acme''), or pgdispatch.set_priority(job, 7), with p_priority_not => 7: so the next 1000 are '
'others. JD001.';
