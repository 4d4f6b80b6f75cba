/* Notes that somebody has paused something, or ended a pause. */
create or replace function pgdispatch.note_pause(
    p_what text,
    p_scope text,
    p_name text,
    p_until timestamptz default null,
    p_reason text default null,
    p_by text default null
)
returns void
language plpgsql
as $$
begin
    perform pgdispatch.note_change(
        p_what,
        case p_scope when 'all' then 'everything' when 'type' then 'job type' else p_scope end,
        case p_scope when 'all' then 'all' else p_name end,
        case when p_scope = 'site' then p_name end,
        null,
        case when p_until is not null then jsonb_build_object('until', p_until) end,
        p_reason,
        p_by
    );
end
$$;

comment on function pgdispatch.note_pause(text, text, text, timestamptz, text, text) is
'Notes that somebody has paused something, until when and why, or ended a pause.';
