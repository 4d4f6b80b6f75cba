/* What the sweep found left behind. Empty on a healthy system. */
create table if not exists pgdispatch.swept_job (
    job bigint not null,
    gate text not null,
    swept_at timestamptz not null
);

alter table pgdispatch.swept_job replica identity full;

comment on table pgdispatch.swept_job is
'Parked jobs that nobody had woken and that the sweep made ready; empty on a healthy system.';
comment on column pgdispatch.swept_job.job is 'The job.';
comment on column pgdispatch.swept_job.gate is 'The gate at which it was left behind.';
comment on column pgdispatch.swept_job.swept_at is 'When the sweep found it.';
