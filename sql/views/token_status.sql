/* The tokens that one may know of: one's own, or all of them; without their hashes. */
create or replace view pgdispatch.token_status
with (security_invoker = true) as
select
    t.id as token,
    t.name,
    t.login,
    case
        when t.revoked_at is not null then 'revoked'
        when t.ends_at <= pgdispatch.now() then 'ended'
        when r.oid is null or not r.rolcanlogin or r.rolsuper
            or coalesce(r.rolvaliduntil, 'infinity') <= pgdispatch.now() then 'login gone'
        else 'good'
    end as state,
    t.created_by,
    t.created_at,
    t.ends_at,
    t.last_used_at,
    t.revoked_at,
    t.revoked_by
from pgdispatch.token as t
left join pg_catalog.pg_roles as r
    on r.oid = t.login_oid
    and r.rolname = t.login
order by t.login, t.name;

comment on view pgdispatch.token_status is
'The personal access tokens, by login and name: your own; all, for operators and viewers of all '
'sites.';
comment on column pgdispatch.token_status.token is 'Number of the token.';
comment on column pgdispatch.token_status.name is
'Its name, unique for its login: up to 100 letters, digits, spaces, dots, underscores, hyphens, @.';
comment on column pgdispatch.token_status.login is 'The database login that it stands for.';
comment on column pgdispatch.token_status.state is
'good, ended or revoked; login gone: its login was dropped or renamed, may not log in, has ended '
'or is a superuser.';
comment on column pgdispatch.token_status.created_by is 'The database user who added it.';
comment on column pgdispatch.token_status.created_at is 'When it was added.';
comment on column pgdispatch.token_status.ends_at is 'When it ends by itself.';
comment on column pgdispatch.token_status.last_used_at is
'When somebody last signed in with it, to ten minutes; null: nobody has.';
comment on column pgdispatch.token_status.revoked_at is 'When it was revoked; null: it was not.';
comment on column pgdispatch.token_status.revoked_by is 'The database user who did that.';
