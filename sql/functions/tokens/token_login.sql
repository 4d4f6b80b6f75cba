/*
 * Whom a token stands for: no row if that is nobody. Asked by the console, which then becomes that
 * login, if PostgreSQL lets it: it knows names and rights of nobody by itself.
 *
 * Found by the hash of the secret, so that names and secrets that are wrong cost the same; whoever
 * measures how long the index took learns of hashes, which cannot be turned back. A login that was
 * dropped, may not log in any more, whose password has ended or who became a superuser is nobody.
 * Locks: its row, at most once in ten minutes, where it may be written.
 */
create or replace function pgdispatch.token_login(p_name text, p_hash bytea)
returns table (login text, ends_at timestamptz)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_now constant timestamptz := pgdispatch.now();
    v_token pgdispatch.token;
begin
    select t.*
    into v_token
    from pgdispatch.token as t
    join pg_roles as r
        on r.oid = t.login_oid
        and r.rolname = t.login
    where t.hash = p_hash
        and t.name = p_name
        and t.revoked_at is null
        and t.ends_at > v_now
        and r.rolcanlogin
        and not r.rolsuper
        and coalesce(r.rolvaliduntil, 'infinity') > v_now;
    if not found then
        return;
    end if;
    if coalesce(v_token.last_used_at, '-infinity') < v_now - interval '10 minutes'
        and not current_setting('transaction_read_only')::boolean then
        update pgdispatch.token
        set last_used_at = v_now
        where id = v_token.id;
    end if;
    return query select v_token.login, v_token.ends_at;
end
$$;

comment on function pgdispatch.token_login(text, bytea) is
'The login that a token stands for, by its name and the SHA-256 of its secret, and when it ends; '
'no row: it is unknown, revoked or ended, or its login may not log in. For the console: see the '
'role pgdispatch_token_reader.';
