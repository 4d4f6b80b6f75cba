/*
 * Records that tasks have succeeded whose failure or suspension was told. Looked for here, not
 * where a job succeeds: that is to cost nothing.
 * Locks: those notices; its caller is the only one that looks.
 */
create or replace function pgdispatch.see_recoveries()
returns void
language plpgsql
as $$
declare
    v_last record;
    v_notice pgdispatch.notice;
begin
    for v_last in
        select
            t.task,
            t.failures,
            h.id,
            h.ended_at,
            h.site,
            h.type,
            h.schedule,
            h.title
        from (
            select task, min(at) as at, max(after) as failures
            from pgdispatch.notice
            where what in ('failure', 'suspension')
                and recovered_at is null
                and task is not null
            group by task
            order by task
            limit 10000
        ) as t
        cross join lateral (
            select *
            from pgdispatch.job_history as s
            where s.task = t.task
                and s.outcome = 'succeeded'
                and s.ended_at > t.at
            order by s.ended_at
            limit 1
        ) as h
    loop
        update pgdispatch.notice
        set recovered_at = v_last.ended_at
        where task = v_last.task
            and what in ('failure', 'suspension')
            and recovered_at is null
            and at < v_last.ended_at;
        v_notice.what := 'recovery';
        v_notice.site := v_last.site;
        v_notice.type := v_last.type;
        v_notice.schedule := v_last.schedule;
        v_notice.task := v_last.task;
        v_notice.job := v_last.id;
        v_notice.title := v_last.title;
        v_notice.text := format(
            '%s succeeded again (job %s)',
            pgdispatch.thing_words('task', v_last.task, v_last.title, v_last.site), v_last.id
        );
        perform pgdispatch.record_notice(v_notice);
    end loop;
end
$$;

comment on function pgdispatch.see_recoveries() is
'Records of tasks that have succeeded since their failure or suspension was told.';
