/* How it stands with a job, or with one that is to be created, in words. Locks: none. */
create or replace function pgdispatch.job_now(
    p_job bigint,
    p_scheduled_at timestamptz,
    p_time_zone text
)
returns text
language sql
stable
as $$
    select case
        when j.id is null and p_scheduled_at is not null then format(
            'scheduled for %s',
            to_char(p_scheduled_at at time zone p_time_zone, 'YYYY-MM-DD HH24:MI')
        )
        when j.state = 'running' then format(
            'it runs since %s on %s',
            to_char(j.started_at at time zone p_time_zone, 'HH24:MI'), j.backgrounder
        )
        when j.id is not null then coalesce(
            (select w.reason from pgdispatch.why(j.id) as w), 'it waits'
        )
    end
    from (select p_job as id) as asked
    left join pgdispatch.job as j on j.id = asked.id
$$;

comment on function pgdispatch.job_now(bigint, timestamptz, text) is
'How it stands with a job in the queue, or when one is scheduled, in words.';
