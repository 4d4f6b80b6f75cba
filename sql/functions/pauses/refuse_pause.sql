/* Says no to somebody confined to sites who would change a pause that is set against his site. */
create or replace function pgdispatch.refuse_pause(p_scope text, p_name text)
returns void
language plpgsql
as $$
begin
    raise exception using
        errcode = 'JD009',
        message = format('%s %s was paused by an operator of all sites', p_scope, p_name),
        detail = (
            select concat_ws(': ', format('%s, at %s', paused_by, paused_at), reason)
            from pgdispatch.pause
            where scope = p_scope
                and name = p_name
        ),
        hint = 'ask an operator of all sites';
end
$$;

comment on function pgdispatch.refuse_pause(text, text) is
'Raises JD009: an operator of all sites has paused it.';
