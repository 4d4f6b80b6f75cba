/*
 * Adds a token by the hash of its secret, which whoever calls has made.
 *
 * A token lets its holder be a login without that login's password. So nobody may make one that
 * opens more than they have: one's own, or that of a login that one may become anyway (set role),
 * which is what PostgreSQL lets administrators do. Being an operator is not enough: it gives no
 * right to be somebody else. None stands for a superuser, for whom no policy counts.
 * Locks: none.
 */
create or replace function pgdispatch.add_token(
    p_name text,
    p_hash bytea,
    p_days integer default 90,
    p_login text default session_user
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_login pg_roles;
    v_id bigint;
begin
    if p_name is null or p_name !~ '^[[:alnum:]][[:alnum:] ._@-]{0,99}$' then
        perform pgdispatch.refuse(
            format('%L cannot be the name of a token', left(p_name, 60)),
            'use up to 100 letters, digits, spaces, dots, underscores, hyphens and @'
        );
    elsif p_hash is null or length(p_hash) <> 32 then
        perform pgdispatch.refuse(
            'that is no SHA-256 of a secret',
            'give the 32 bytes that it has: sha256(''…'')'
        );
    elsif p_days is null or p_days not between 1 and 365 then
        perform pgdispatch.refuse(
            format('a token cannot be good for %s days', coalesce(p_days::text, 'null')),
            'use 1 to 365'
        );
    end if;
    select * into v_login from pg_roles where rolname = p_login and rolcanlogin;
    if not pgdispatch.may_become(p_login) then
        raise exception using
            errcode = 'insufficient_privilege',
            message = format('you may make no token for %s', left(p_login, 63)),
            detail = 'a token is made by its login, or by somebody who may become that login',
            hint = 'let that login make it itself';
    elsif v_login.oid is null then
        perform pgdispatch.refuse(
            format('there is no login %L', left(p_login, 63)),
            'name a database user who can log in'
        );
    elsif v_login.rolsuper then
        perform pgdispatch.refuse(
            format('%s is a superuser, for whom there are no tokens', p_login),
            'use a login of its own for this, that has a role'
        );
    end if;
    delete from pgdispatch.token
    where login = p_login
        and name = p_name
        and (revoked_at is not null or ends_at <= v_now or login_oid <> v_login.oid);
    insert into pgdispatch.token (name, login, login_oid, hash, created_by, created_at, ends_at)
    values (
        p_name, p_login, v_login.oid, p_hash, session_user, v_now,
        v_now + make_interval(days => p_days)
    )
    on conflict do nothing
    returning id into v_id;
    if v_id is null then
        perform pgdispatch.refuse(
            format('%s has a token named %L', p_login, p_name),
            'give another name, or revoke that one first'
        );
    end if;
    perform pgdispatch.note_change(
        'add', 'token', p_name, null,
        p_after => jsonb_build_object('login', p_login, 'days', p_days)
    );
    return v_id;
end
$$;

comment on function pgdispatch.add_token(text, bytea, integer, text) is
'Adds a token by the SHA-256 of its secret, good for 1 to 365 days, and returns its number. For '
'the caller''s own login, or one that the caller may become (else 42501). One of that name that '
'has ended or was revoked makes room. JD001: bad name, hash or number of days, the name is taken, '
'no such login, or a superuser.';
