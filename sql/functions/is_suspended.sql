/* Whether a task is suspended now: a suspension older than a resume or an edit is void. */
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
            and s.suspended_at > coalesce(t.streak_since, '-infinity')
        where s.task = p_task
    )
$$;

comment on function pgdispatch.is_suspended(bigint) is 'Whether a task is suspended.';
