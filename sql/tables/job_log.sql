/*
 * What jobs log that run for long, or log much: lines as they come, many in a row. Partitioned by
 * the month in which they were written; rows are never changed. log_lines puts together what is
 * here and what went with the end of the attempt.
 */
create table if not exists pgdispatch.job_log (
    written_at timestamptz not null,
    job bigint not null,
    attempt integer not null,
    site text not null,
    first_line bigint not null,
    last_line bigint not null,
    lines text not null,
    constraint job_log_lines_check check (first_line > 0 and last_line >= first_line)
) partition by range (written_at);

create table if not exists pgdispatch.job_log_default
partition of pgdispatch.job_log default;

create index if not exists job_log_job_idx on pgdispatch.job_log (job, attempt, last_line);

alter table pgdispatch.job_log replica identity full;
alter table pgdispatch.job_log_default replica identity full;

comment on table pgdispatch.job_log is
'What jobs log while they run, and what is too long for job_history; one partition a month. Read '
'it by log_lines.';
comment on table pgdispatch.job_log_default is
'Catches what no monthly partition takes; empty as long as roll_history runs.';

do $$
declare
    v_table text;
begin
    foreach v_table in array array['job_log', 'job_log_default'] loop
        execute format(
            $comments$
            comment on column pgdispatch.%1$I.written_at is 'When the database got it.';
            comment on column pgdispatch.%1$I.job is 'Number of the job.';
            comment on column pgdispatch.%1$I.attempt is 'Number of the attempt that logged it.';
            comment on column pgdispatch.%1$I.site is 'Site of the job.';
            comment on column pgdispatch.%1$I.first_line is
            'Number of the first of these lines; the first of an attempt has number 1.';
            comment on column pgdispatch.%1$I.last_line is 'Number of the last of them.';
            comment on column pgdispatch.%1$I.lines is
            'The lines, each with its time (UTC, by the clock of the node) before it. A row may '
            'hold lines that another has, too.';
            $comments$,
            v_table
        );
    end loop;
end $$;
