/*
 * Sites against their limits and budgets. Of the waiting jobs the first 10,001 are counted, see
 * queue_counts. Takes no lock.
 */
create or replace view pgdispatch.site_usage
with (security_invoker = true) as
with counted as materialized (
    select * from pgdispatch.queue_counts()
)
select
    s.name as site,
    s.running_limit as max_running_jobs,
    (
        select count(*)
        from pgdispatch.job as r
        where r.state = 'running'
            and r.site = s.name
    ) as running,
    greatest(coalesce(w.waiting, 0), o.overflow) as waiting,
    o.overflow,
    s.run_now_enabled,
    s.seconds_limit,
    round(b.spent_seconds::numeric, 3)::double precision as spent_seconds,
    case
        when b.spent_seconds >= s.seconds_limit then 0
        else round((s.seconds_limit - b.spent_seconds)::numeric, 3)::double precision
    end as left_seconds,
    b.refill_at,
    s.over_budget,
    coalesce(w.deferred, 0) as deferred,
    coalesce(c.is_complete, true) as is_complete
from pgdispatch.site as s
left join (
    select
        q.site,
        sum(q.jobs)::bigint as waiting,
        coalesce(sum(q.jobs) filter (where q.kind = 'site budget'), 0)::bigint as deferred
    from counted as q
    group by q.site
) as w on w.site = s.name
left join (select bool_and(q.is_complete) as is_complete from counted as q) as c on true
cross join lateral (
    select count(*) as overflow
    from (
        select
        from pgdispatch.job as p
        where p.state = 'parked'
            and p.gate = 'site/' || s.name
        limit 10001
    ) as parked
) as o
left join lateral (
    select
        a.spent_seconds,
        a.refill_at
    from pgdispatch.site_budget(s.name) as a
    where s.seconds_limit is not null
) as b on true
order by s.name;

comment on view pgdispatch.site_usage is
'Each site with its limit and budget, how many jobs run and wait, and how many are in overflow.';
comment on column pgdispatch.site_usage.site is 'The site.';
comment on column pgdispatch.site_usage.max_running_jobs is
'How many jobs it may run at once, by itself or by the setting; null: no limit, 0: none.';
comment on column pgdispatch.site_usage.running is 'How many of its jobs run.';
comment on column pgdispatch.site_usage.waiting is
'How many of its jobs wait; at least so many if not is_complete.';
comment on column pgdispatch.site_usage.overflow is
'How many of its jobs are parked because of its limit or budget, counted to 10,001.';
comment on column pgdispatch.site_usage.run_now_enabled is 'Whether Run Now is allowed here.';
comment on column pgdispatch.site_usage.seconds_limit is
'How many seconds its jobs may run a day; null: no limit.';
comment on column pgdispatch.site_usage.spent_seconds is
'How many of them the runs that started today and have ended took.';
comment on column pgdispatch.site_usage.left_seconds is
'How many are left; 0: no job of it starts before the refill.';
comment on column pgdispatch.site_usage.refill_at is
'The next instant at which the budget is full again; null: it has none.';
comment on column pgdispatch.site_usage.over_budget is
'What becomes of jobs when the budget is spent: defer (they wait for the refill) or cancel.';
comment on column pgdispatch.site_usage.deferred is
'How many of the waiting are kept by its budget, as queue says: they wait for the refill.';
comment on column pgdispatch.site_usage.is_complete is
'Whether waiting and deferred are all there are; false: more than 10,000 jobs wait, and of those '
'behind them only the overflow was counted.';
