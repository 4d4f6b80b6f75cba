/*
 * What the jobs of each type get at each site: site, job_type and site_timeout in one row for each
 * pair. Each insert of a job looks here, at one row instead of three in three tables.
 */
create table if not exists pgdispatch.site_type (
    site text not null,
    type text not null,
    rank smallint not null,
    timeout interval,
    max_attempts smallint not null,
    priority_from text not null,
    default_priority smallint not null,
    run_now_first boolean not null,
    primary key (site, type)
);

comment on table pgdispatch.site_type is
'What the jobs of each type get at each site, so that an insert looks at one row. Worked out from '
'site, job_type and site_timeout by the database whenever one of them changes; change those.';
comment on column pgdispatch.site_type.site is 'The site.';
comment on column pgdispatch.site_type.type is 'The job type.';
comment on column pgdispatch.site_type.rank is 'As job_type has it.';
comment on column pgdispatch.site_type.timeout is
'As site_timeout has it, else as job_type; null: no limit.';
comment on column pgdispatch.site_type.max_attempts is 'As job_type has it.';
comment on column pgdispatch.site_type.priority_from is 'As job_type has it.';
comment on column pgdispatch.site_type.default_priority is 'As job_type has it.';
comment on column pgdispatch.site_type.run_now_first is 'As job_type has it.';
