/* A place in the order as a JSON object: what queue_page takes as p_after and p_before. */
create or replace function pgdispatch.place_key(p_job pgdispatch.job)
returns jsonb
language sql
stable
as $$
    select jsonb_build_object(
        'precedence', p_job.precedence,
        'priority', p_job.priority,
        'queued_at', p_job.queued_at,
        'type_rank', p_job.type_rank,
        'tie_first', p_job.tie_first,
        'tie_second', p_job.tie_second,
        'id', p_job.id
    )
$$;

comment on function pgdispatch.place_key(pgdispatch.job) is
'A place in the order of dispatch: its seven columns as a JSON object.';
