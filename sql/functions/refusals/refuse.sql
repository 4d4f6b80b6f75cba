/* Raises error JD001: one place for the form of refusals. */
create or replace function pgdispatch.refuse(p_message text, p_hint text)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD001',
        message = p_message,
        hint = p_hint;
end
$$;

comment on function pgdispatch.refuse(text, text) is
'Raises JD001 with a message that says what was wrong and a hint that says what to do.';
