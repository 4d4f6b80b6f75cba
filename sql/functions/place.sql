/* Gives a new job its state and its place: the seven criteria of semantics 4, as columns. */
create or replace function pgdispatch.place(
    p_job pgdispatch.job,
    p_type pgdispatch.job_type,
    p_task pgdispatch.task
)
returns pgdispatch.job
language plpgsql
as $$
declare
    v_job pgdispatch.job := p_job;
    v_batch double precision;
begin
    v_job.state := case when v_job.not_before > v_job.created_at then 'delayed' else 'ready' end;
    v_job.generation := pgdispatch.open_generation();
    v_job.precedence := case when v_job.run_now and p_type.run_now_first then 0 else 1 end;
    if v_job.scheduled_at is null then
        v_job.queued_at := v_job.created_at;
        v_job.type_rank := -1;
        v_job.tie_first := 0;
        v_job.tie_second := 0;
        return v_job;
    end if;
    v_batch := pgdispatch.setting('batch_seconds')::double precision;
    v_job.queued_at := to_timestamp(
        floor(extract(epoch from v_job.scheduled_at)::double precision / v_batch) * v_batch
    );
    v_job.type_rank := p_type.rank;
    v_job.tie_first := coalesce(v_job.usual_seconds, 'infinity');
    v_job.tie_second := extract(epoch from greatest(p_task.created_at, p_task.enabled_at));
    if pgdispatch.setting('tie_break') = 'created' then
        v_job.tie_first := v_job.tie_second;
        v_job.tie_second := coalesce(v_job.usual_seconds, 'infinity');
    end if;
    return v_job;
end
$$;

comment on function pgdispatch.place(pgdispatch.job, pgdispatch.job_type, pgdispatch.task) is
'Returns the job with its state and its order columns filled in.';
