/*
 * What sites with a daily budget have spent: one row for each run that ended, appended. The clock
 * sums a thousand of them up by the minute of the start, and old days are forgotten.
 */
create table if not exists pgdispatch.charge (
    site text not null,
    started_at timestamptz not null,
    seconds double precision not null,
    is_sum boolean not null default false
);

create index if not exists charge_site_idx on pgdispatch.charge (site, started_at)
    include (seconds);
create index if not exists charge_new_idx on pgdispatch.charge (started_at)
    where not is_sum;

alter table pgdispatch.charge replica identity full;

comment on table pgdispatch.charge is
'Run time of the sites that have a daily budget; it counts for the day of its start.';
comment on column pgdispatch.charge.site is 'The site.';
comment on column pgdispatch.charge.started_at is 'When the run started, or its minute.';
comment on column pgdispatch.charge.seconds is 'How long it ran, in seconds.';
comment on column pgdispatch.charge.is_sum is 'Whether it is the sum of several runs.';
