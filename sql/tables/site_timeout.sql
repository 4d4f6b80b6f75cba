/* What a site allows the jobs of one type instead of what the type says. */
create table if not exists pgdispatch.site_timeout (
    site text not null references pgdispatch.site (name) on update cascade on delete cascade,
    type text not null references pgdispatch.job_type (name) on update cascade on delete cascade,
    timeout interval,
    primary key (site, type),
    constraint site_timeout_timeout_check
    check (timeout > interval '0' and timeout <= interval '10 years')
);

comment on table pgdispatch.site_timeout is
'Timeouts of one site for one job type; a task or job that names its own has precedence.';
comment on column pgdispatch.site_timeout.site is 'The site.';
comment on column pgdispatch.site_timeout.type is 'The job type.';
comment on column pgdispatch.site_timeout.timeout is
'How long a run may take; null: no limit.';
