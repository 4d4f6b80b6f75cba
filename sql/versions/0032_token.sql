/*
 * A program may be a database login by a token, at the console's front for Tableau's clients.
 * Locks: none that anybody waits for.
 */
create table pgdispatch.token (
    id bigint generated always as identity primary key,
    name text not null,
    login text not null,
    login_oid oid not null,
    hash bytea not null,
    created_by text not null default session_user,
    created_at timestamptz not null,
    ends_at timestamptz not null,
    revoked_at timestamptz,
    revoked_by text,
    last_used_at timestamptz,
    constraint token_name_key unique (login, name),
    constraint token_hash_key unique (hash),
    constraint token_name_check check (name ~ '^[[:alnum:]][[:alnum:] ._@-]{0,99}$'),
    constraint token_hash_check check (length(hash) = 32)
);

comment on table pgdispatch.token is
'Personal access tokens, by which a program is a database login without its password, at the '
'console''s front for Tableau''s clients and nowhere else. Written by add_token and revoke_token. '
'See token_status.';
comment on column pgdispatch.token.id is 'Number of the token.';
comment on column pgdispatch.token.name is
'Its name, unique for its login: up to 100 letters, digits, spaces, dots, underscores, hyphens, @.';
comment on column pgdispatch.token.login is 'The database login that it stands for.';
comment on column pgdispatch.token.login_oid is
'That login itself: another one that gets its name later is not meant.';
comment on column pgdispatch.token.hash is 'SHA-256 of the secret, which is kept nowhere.';
comment on column pgdispatch.token.created_by is 'The database user who added it.';
comment on column pgdispatch.token.created_at is 'When it was added.';
comment on column pgdispatch.token.ends_at is 'When it ends by itself.';
comment on column pgdispatch.token.revoked_at is 'When it was revoked; null: it was not.';
comment on column pgdispatch.token.revoked_by is 'The database user who did that.';
comment on column pgdispatch.token.last_used_at is
'When somebody last signed in with it, to ten minutes; null: nobody has.';

do $$
declare
    v_table regclass;
begin
    for v_table in select relid from pg_partition_tree('pgdispatch.change') loop
        execute format(
            'comment on column %s.kind is %L', v_table,
            'What was changed: site, schedule, task, linked task, node, job type, setting, notice '
            'rule, token, user or job; or everything, which can be paused.'
        );
    end loop;
end $$;
