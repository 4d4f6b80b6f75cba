/* Whether a task is suspended now: one that has been resumed or edited since is not. */
create or replace function pgdispatch.is_suspended(p_task bigint)
returns boolean
language sql
stable
as $$
    select exists (
        select
        from pgdispatch.suspension as s
        join pgdispatch.task as t
            on t.id = s.task
            and s.streak_since is not distinct from t.streak_since
        where s.task = p_task
    )
$$;

comment on function pgdispatch.is_suspended(bigint) is 'Whether a task is suspended.';
