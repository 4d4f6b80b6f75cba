/*
 * Revokes a token: one's own, one of a login that one may become, or, for operators of all sites,
 * any: taking away opens nothing.
 * Locks: its row.
 */
create or replace function pgdispatch.revoke_token(p_token bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_token pgdispatch.token;
    v_is_operator constant boolean := pgdispatch.caller_sites() is null
        and pg_has_role(session_user, 'pgdispatch_operator', 'usage');
begin
    select *
    into v_token
    from pgdispatch.token
    where id = p_token
        and (v_is_operator or created_by = session_user or pgdispatch.may_become(login))
    for no key update;
    if not found then
        raise exception using
            errcode = 'JD002',
            message = format('token %s does not exist', p_token),
            hint = 'see pgdispatch.token_status';
    elsif v_token.revoked_at is not null then
        return;
    end if;
    update pgdispatch.token
    set revoked_at = pgdispatch.now(),
        revoked_by = session_user
    where id = p_token;
    perform pgdispatch.note_change(
        'revoke', 'token', v_token.name, null,
        p_before => jsonb_build_object('login', v_token.login)
    );
end
$$;

comment on function pgdispatch.revoke_token(bigint) is
'Revokes a token: nobody signs in with it from then on, and who has is shut out at the next '
'request. Your own, or one of a login that you may become; any, for operators of all sites. A '
'second time changes nothing. JD002: unknown, or not yours.';
