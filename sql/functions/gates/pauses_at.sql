/* The gates of the pauses and closed windows that hold at a time. Locks: none. */
create or replace function pgdispatch.pauses_at(p_now timestamptz)
returns text[]
language plpgsql
as $$
begin
    return array(
        select pgdispatch.pause_gate(scope, name)
        from pgdispatch.pause
        where until is null
            or until > p_now
        union
        select pgdispatch.pause_gate(scope, target)
        from pgdispatch.closed_window
        where scope in ('site', 'type')
            and opens_at <= p_now
            and closes_at > p_now
    );
end
$$;

comment on function pgdispatch.pauses_at(timestamptz) is
'The gates of the pauses and closed windows that hold at a time.';
