/*
 * Notes that somebody has done something, for verbs on jobs and whole schedules. Edits of tables
 * are noted by their triggers.
 */
create or replace function pgdispatch.note_change(
    p_what text,
    p_kind text,
    p_name text,
    p_site text,
    p_before jsonb default null,
    p_after jsonb default null,
    p_reason text default null,
    p_by text default null
)
returns void
language sql
as $$
    insert into pgdispatch.change (
        id, changed_at, changed_by, said_by, what, kind, name, site, before, after, reason
    )
    values (
        nextval('pgdispatch.change_id_seq'), pgdispatch.now(), session_user,
        coalesce(left(nullif(p_by, session_user), 500), pgdispatch.given_by()),
        p_what, p_kind, p_name, p_site, p_before, p_after,
        coalesce(left(p_reason, 2000), pgdispatch.given_reason())
    )
$$;

comment on function pgdispatch.note_change(
    text, text, text, text, jsonb, jsonb, text, text
) is
'Notes what somebody has done, to what, what differs before and after, why, and who it was.';
