/* What a notice calls a job or a task: its number, title and site. */
create or replace function pgdispatch.thing_words(
    p_kind text,
    p_id bigint,
    p_title text,
    p_site text
)
returns text
language sql
immutable
as $$
    select concat(p_kind, ' ', p_id, ' (' || left(p_title, 100) || ')', ' of site ', p_site)
$$;

comment on function pgdispatch.thing_words(text, bigint, text, text) is
'What a notice calls a job or a task.';
