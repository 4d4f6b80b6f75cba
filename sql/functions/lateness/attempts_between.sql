/*
 * The attempts of a stretch of time that did not end their job, found as runs_between finds those
 * that did. One whose handler never began held its gates from when it was asked for. Locks: none.
 */
create or replace function pgdispatch.attempts_between(
    p_from timestamptz,
    p_to timestamptz,
    p_backgrounders text[]
)
returns table (
    job bigint,
    site text,
    datasource text,
    schedule text,
    node text,
    started_at timestamptz,
    ended_at timestamptz
)
language plpgsql
stable
rows 100
as $$
begin
    if not exists (select from pgdispatch.attempt as a where a.ended_at > p_from) then
        return;
    end if;
    return query
    select
        n.job, n.site, n.datasource, n.schedule, n.node,
        coalesce(n.started_at, n.asked_at), n.ended_at
    from (
        select a.*
        from pgdispatch.attempt as a
        where a.ended_at > p_from
            and a.ended_at <= p_to
        union all
        select a.*
        from unnest(p_backgrounders) as hand (name)
        cross join lateral (
            select *
            from pgdispatch.attempt as l
            where l.backgrounder = hand.name
                and l.ended_at > p_to
            order by l.ended_at
            limit 1
        ) as a
    ) as n
    where coalesce(n.started_at, n.asked_at) < least(p_to, n.ended_at);
end
$$;

comment on function pgdispatch.attempts_between(timestamptz, timestamptz, text[]) is
'Attempts that did not end their job and that ran at any moment between two times.';
