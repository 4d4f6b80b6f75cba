/*
 * A traceparent of W3C Trace Context, version 00; null for what is none. It often comes from far
 * away, in the header of somebody's request: a wrong one is no reason to refuse the job, and who
 * gets none begins a trace of his own, as that recommendation says.
 */
create or replace function pgdispatch.sound_traceparent(p_text text)
returns text
language sql
immutable
as $$
    select substring(
        p_text from '^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$'
    )
$$;

comment on function pgdispatch.sound_traceparent(text) is
'The text if it is a traceparent (W3C Trace Context, version 00), else null.';
