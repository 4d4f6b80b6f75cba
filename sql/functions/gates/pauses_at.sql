/* The gates of the pauses that hold at a time, as people have set them. Locks: none. */
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
    );
end
$$;

comment on function pgdispatch.pauses_at(timestamptz) is
'The gates of the pauses that hold at a time.';
