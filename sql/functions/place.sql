/* Gives a job that a schedule creates its place: criteria 3 to 6 of semantics 4, as columns. */
create or replace function pgdispatch.place(
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
begin
    v_job.queued_at := to_timestamp(
        floor(extract(epoch from v_job.scheduled_at)::double precision / v_batch) * v_batch
    );
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

comment on function pgdispatch.place(pgdispatch.job, smallint, pgdispatch.task) is
'Returns a job of a schedule with its order columns filled in.';
