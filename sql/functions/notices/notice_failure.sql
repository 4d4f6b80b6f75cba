/*
 * A job has ended as failed, and is in the history: records that, and that its task was suspended
 * for it. Jobs that deliver notices are left out: they would tell of themselves for ever.
 * Locks: none.
 */
create or replace function pgdispatch.notice_failure(
    p_job pgdispatch.job,
    p_failed_as text,
    p_error text
)
returns void
language plpgsql
as $$
declare
    v_notice pgdispatch.notice;
    v_failures integer;
begin
    if p_job.type = 'notice' or not exists (
        select from pgdispatch.notice_rule where what in ('failure', 'suspension')
    ) then
        return;
    end if;
    v_failures := greatest(pgdispatch.failure_streak(p_job.task), 1);
    v_notice.site := p_job.site;
    v_notice.type := p_job.type;
    v_notice.schedule := p_job.schedule;
    v_notice.task := p_job.task;
    v_notice.job := p_job.id;
    v_notice.title := p_job.title;
    v_notice.after := v_failures;
    v_notice.error := pgdispatch.headline(p_error);
    v_notice.what := 'failure';
    v_notice.text := concat(
        pgdispatch.thing_words('job', p_job.id, p_job.title, p_job.site), ' failed',
        ' (' || nullif(p_failed_as, 'error') || ')',
        case when v_failures > 1 then format(', failure %s in a row', v_failures) end,
        ': ' || v_notice.error
    );
    perform pgdispatch.record_notice(v_notice);
    select failures
    into v_failures
    from pgdispatch.suspension
    where task = p_job.task
        and job = p_job.id;
    if found then
        v_notice.what := 'suspension';
        v_notice.text := concat(
            pgdispatch.thing_words('task', p_job.task, p_job.title, p_job.site),
            format(' is suspended after %s failures in a row', v_failures), ': ' || v_notice.error
        );
        perform pgdispatch.record_notice(v_notice);
    end if;
end
$$;

comment on function pgdispatch.notice_failure(pgdispatch.job, text, text) is
'Records, if a rule asks for it, that a job has failed, and that its task was suspended for it.';
