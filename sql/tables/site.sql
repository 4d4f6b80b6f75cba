/* A tenant and its limits. Read by each claim, so it is not updated per job. */
create table if not exists pgdispatch.site (
    id bigint generated always as identity,
    name text primary key,
    max_running_jobs integer,
    run_now_enabled boolean not null default true,
    created_at timestamptz not null default pg_catalog.now(),
    constraint site_id_key unique (id),
    constraint site_name_check check (name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'),
    constraint site_max_running_jobs_check check (max_running_jobs >= 0)
);

comment on table pgdispatch.site is
'A tenant. Each job belongs to one; the site named default is always there.';
comment on column pgdispatch.site.id is 'Number of the site, for programs that want one.';
comment on column pgdispatch.site.name is
'Unique name: up to 100 letters, digits, spaces, dots, underscores and hyphens.';
comment on column pgdispatch.site.max_running_jobs is
'How many jobs it may run at once; null: no limit, 0: none. Takes effect when committed.';
comment on column pgdispatch.site.run_now_enabled is 'Whether Run Now is allowed here.';
comment on column pgdispatch.site.created_at is 'When it was added.';

insert into pgdispatch.site (name) values ('default') on conflict (name) do nothing;
