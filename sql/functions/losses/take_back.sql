/*
 * Takes back the jobs of nodes that have not sent a heartbeat for a whole lease, or whose
 * supervisor has started anew since. Nobody is lost until the database itself has been up, and
 * watched, for that long. With p_node: all jobs of that node.
 * A heartbeat that lies in the future, as the clock went back, counts as one of now.
 * A node whose row somebody holds is left alone: he may be editing it, which keeps its heartbeat
 * waiting.
 * Locks: the rows of silent nodes, then those of their jobs, skipping what others hold; then as
 * end_attempts.
 */
create or replace function pgdispatch.take_back(p_node text default null)
returns table (
    job bigint,
    attempt integer,
    type text,
    backgrounder text,
    run_seconds double precision
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lease constant interval := pgdispatch.seconds('lease_seconds');
    v_now constant timestamptz := pgdispatch.now();
    v_silent text[];
    v_jobs pgdispatch.job[];
begin
    if p_node is null then
        update pgdispatch.node
        set heartbeat_at = pgdispatch.now()
        where name in (
            select name
            from pgdispatch.node
            where heartbeat_at > pgdispatch.now()  -- as it is then: v_now may be behind a rival's
            for no key update skip locked
        );
        if not pgdispatch.is_watched(v_lease) then
            return;
        end if;
    end if;
    v_silent := array(
        select name
        from pgdispatch.node
        where coalesce(heartbeat_at, '-infinity') <= v_now - v_lease
            and exists (
                select from pgdispatch.job as j where j.state = 'running' and j.node = node.name
            )
        for no key update skip locked
    );
    v_jobs := array(
        select j
        from pgdispatch.job as j
        where j.state = 'running'
            and case
                when p_node is not null then j.node = p_node
                else not coalesce(
                    j.started_at between v_now - v_lease and pgdispatch.now(), false
                )
                    and not exists (
                        select
                        from pgdispatch.node as n
                        where n.name = j.node
                            and n.name <> all (v_silent)
                            and n.incarnation = coalesce(j.incarnation, n.incarnation)
                    )
            end
        order by j.id
        limit 1000
        for update of j skip locked
    );
    perform pgdispatch.end_attempts(
        array(select j.id from unnest(v_jobs) as j),
        array(select j.attempt from unnest(v_jobs) as j),
        array(select 'lost'::text from unnest(v_jobs) as j)
    );
    return query
    select
        j.id,
        j.attempt,
        j.type,
        j.backgrounder,
        case
            when isfinite(j.started_at)
                then greatest(extract(epoch from v_now - j.started_at), 0)::double precision
        end
    from unnest(v_jobs) as j;
end
$$;

comment on function pgdispatch.take_back(text) is
'Takes the jobs of nodes without a heartbeat for a whole lease, or whose supervisor has started '
'anew since, back to the queue, or fails them as lost after max_losses; with a name all jobs of '
'that node. Without one it takes none until there have been such calls for a whole lease without a '
'break, the server neither restarted nor its clock set back; a sign of life that lies ahead counts '
'as one of now. Returns the attempts, at most 1000 at a time, by whom, and for how long they ran '
'until now. Locks those jobs and their gates. Supervisors call it every 2 seconds. JD008.';
