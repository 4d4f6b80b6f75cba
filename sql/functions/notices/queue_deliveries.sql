/*
 * Makes jobs that deliver what waits: one for each target that a live node has, but no second one
 * while one is under way, nor within notice_digest_seconds of the last. So a target that is away,
 * or a hundred failures at once, make one delivery. Tests go at once, each by itself.
 * Locks: those notices; its caller is the only one that looks.
 */
create or replace function pgdispatch.queue_deliveries()
returns integer
language plpgsql
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_digest constant interval := pgdispatch.seconds('notice_digest_seconds');
    v_known constant text[] := array(
        select distinct t.target
        from pgdispatch.node as n
        cross join lateral unnest(n.targets) as t (target)
        where n.heartbeat_at > v_now - pgdispatch.seconds('lease_seconds')
    );
    v_waiting record;
    v_count integer := 0;
begin
    for v_waiting in
        select
            target,
            case when what = 'test' then id end as test,
            max(id) as last
        from pgdispatch.notice
        where ended_at is null
            and delivery is null
        group by
            target,
            case when what = 'test' then id end
    loop
        if v_waiting.target <> all (v_known) then
            update pgdispatch.notice
            set delivery_error = 'no live node has the target ' || target
            where target = v_waiting.target
                and ended_at is null
                and delivery is null
                and delivery_error is distinct from 'no live node has the target ' || target;
            continue;
        end if;
        continue when v_waiting.test is null and exists (
            select
            from pgdispatch.notice
            where target = v_waiting.target
                and what <> 'test'
                and (
                    queued_at between v_now - v_digest and v_now
                    or ended_at is null and delivery is not null
                )
        );
        perform pgdispatch.deliver(v_waiting.target, array(
            select id
            from pgdispatch.notice
            where target = v_waiting.target
                and ended_at is null
                and delivery is null
                and id <= v_waiting.last
                and (id = v_waiting.test or v_waiting.test is null and what <> 'test')
            order by id
            limit 10000
        ));
        v_count := v_count + 1;
    end loop;
    return v_count;
end
$$;

comment on function pgdispatch.queue_deliveries() is
'Makes jobs that deliver the notices that wait, and returns how many.';
