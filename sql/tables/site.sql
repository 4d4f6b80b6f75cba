/* A tenant and its limits. Read by each claim, so it is not updated per job. */
create table if not exists pgdispatch.site (
    id bigint generated always as identity,
    name text primary key,
    max_running_jobs integer,
    daily_seconds integer,
    refill_at time not null default '00:00',
    time_zone text not null default 'UTC',
    over_budget text not null default 'defer',
    run_now_enabled boolean not null default true,
    running_limit integer,
    seconds_limit integer,
    created_at timestamptz not null default pg_catalog.now(),
    constraint site_id_key unique (id),
    constraint site_name_check check (name ~ '^[[:alnum:]][[:alnum:] ._-]{0,99}$'),
    constraint site_max_running_jobs_check check (max_running_jobs >= -1),
    constraint site_daily_seconds_check check (daily_seconds >= -1),
    constraint site_refill_at_check check (extract(second from refill_at) = 0),
    constraint site_over_budget_check check (over_budget in ('defer', 'cancel'))
);

comment on table pgdispatch.site is
'A tenant and its limits. Each job belongs to one; the site named default is always there. It, and '
'a site with jobs waiting or running, can be neither deleted nor renamed (JD001).';
comment on column pgdispatch.site.id is 'Number of the site, for programs that want one.';
comment on column pgdispatch.site.name is
'Unique name: up to 100 letters, digits, spaces, dots, underscores and hyphens.';
comment on column pgdispatch.site.max_running_jobs is
'How many jobs it may run at once; null: as the setting site_max_running_jobs says, which is no '
'limit unless changed; -1: no limit; 0: none. Takes effect when committed.';
comment on column pgdispatch.site.daily_seconds is
'Its budget: how many seconds its jobs may run a day; null: as the setting site_daily_seconds '
'says; -1: no limit. Checked when a job would start; a running job is never cut.';
comment on column pgdispatch.site.refill_at is
'Time of day at which the budget is full again, to the minute; refill times divide the days.';
comment on column pgdispatch.site.time_zone is 'IANA name of the time zone of refill_at.';
comment on column pgdispatch.site.over_budget is
'What becomes of jobs when the budget is spent: defer (they wait for the refill) or cancel.';
comment on column pgdispatch.site.run_now_enabled is 'Whether Run Now is allowed here.';
comment on column pgdispatch.site.running_limit is
'What max_running_jobs comes to; null: no limit. Filled in by the database.';
comment on column pgdispatch.site.seconds_limit is
'What daily_seconds comes to; null: no limit. Filled in by the database.';
comment on column pgdispatch.site.created_at is 'When it was added.';
