/*
 * Gives a job that a schedule creates its place: criteria 3 to 6 of semantics 4, as columns.
 * One that is created later than one window after its scheduled time was added late. Those of one
 * window are one batch; its last instant is their time, so that none of them passes what somebody
 * else has added in that window before.
 */
create or replace function pgdispatch.place_in_batch(
    p_job pgdispatch.job,
    p_rank smallint,
    p_task pgdispatch.task
)
returns pgdispatch.job
language plpgsql
as $$
declare
    v_job pgdispatch.job := p_job;
    v_batch constant double precision := pgdispatch.setting('batch_seconds')::double precision;
    v_is_late constant boolean :=
        p_job.created_at > p_job.scheduled_at + make_interval(secs => v_batch);
begin
    v_job.queued_at := to_timestamp(
        v_batch * floor(
            extract(
                epoch from case when v_is_late then p_job.created_at else p_job.scheduled_at end
            )::double precision / v_batch
        )
    );
    if v_is_late then
        v_job.queued_at := v_job.queued_at + make_interval(secs => v_batch - 0.000001);
    end if;
    v_job.type_rank := p_rank;
    v_job.tie_first := coalesce(v_job.usual_seconds, 'infinity');
    v_job.tie_second := extract(epoch from greatest(p_task.created_at, p_task.enabled_at));
    if pgdispatch.setting('tie_break') = 'created' then
        v_job.tie_first := v_job.tie_second;
        v_job.tie_second := coalesce(v_job.usual_seconds, 'infinity');
    end if;
    return v_job;
end
$$;

comment on function pgdispatch.place_in_batch(pgdispatch.job, smallint, pgdispatch.task) is
'Returns a job of a schedule with its order columns filled in.';
