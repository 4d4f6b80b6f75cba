/*
 * How good the forecasts of the last seven days were, by how far ahead they looked. Only those
 * whose whole horizon has passed: of others those are known first that came true early. Not those
 * that somebody's change made wrong, nor occurrences that were skipped. Locks: none.
 */
create or replace view pgdispatch.forecast_quality
with (security_invoker = true) as
select
    c.state,
    pgdispatch.forecast_lead(w.expected) as lead,
    count(*) as n,
    percentile_cont(0.5) within group (order by abs(w.happened - w.expected))
        as median_error_seconds,
    percentile_cont(0.5) within group (order by w.happened - c.due) as median_wait_seconds,
    avg(
        (
            w.happened between w.low - w.widened * (w.high - w.low + 60)
            and coalesce(w.high + w.widened * (w.high - w.low + 60), 'infinity')
        )::integer
    )::double precision as held,
    avg(c.late_chance)::double precision as said_late,
    avg((w.happened > c.late_after)::integer) filter (where c.late_chance is not null)
        ::double precision as was_late
from pgdispatch.forecast_check as c
cross join lateral (
    select
        case when c.state = 'running' then c.ends_early else c.starts_early end as low,
        case when c.state = 'running' then c.ends else c.starts end as expected,
        case when c.state = 'running' then c.ends_late else c.starts_late end as high,
        case when c.state = 'running' then c.ends_widened else c.starts_widened end as widened,
        coalesce(case when c.state = 'running' then c.ended else c.started end, c.until)
            as happened
) as w
where c.made_at > (select pgdispatch.now()) - interval '7 days'
    and c.made_at + make_interval(secs => c.until) < (select pgdispatch.now())
    and c.known_at is not null
    and not c.was_skipped
    and not c.was_disturbed
    and w.expected is not null
group by c.state, pgdispatch.forecast_lead(w.expected)
order by c.state desc, min(w.expected);

comment on view pgdispatch.forecast_quality is
'How good the forecasts of the last seven days were, a row for each state and lead time: the '
'start, of what ran its end, against what really happened.';
comment on column pgdispatch.forecast_quality.state is
'waiting, coming (not created then), or running, whose end is meant.';
comment on column pgdispatch.forecast_quality.lead is 'How far ahead it was expected.';
comment on column pgdispatch.forecast_quality.n is 'How many were compared.';
comment on column pgdispatch.forecast_quality.median_error_seconds is
'How far from the instant said it happened; in half of all cases less.';
comment on column pgdispatch.forecast_quality.median_wait_seconds is
'How long after it could have started at best it did, in the middle of all cases.';
comment on column pgdispatch.forecast_quality.held is
'In which share, 0 to 1, it happened within the interval that was said: about 0.8 is right.';
comment on column pgdispatch.forecast_quality.said_late is
'The chance of being late that was said, on average.';
comment on column pgdispatch.forecast_quality.was_late is 'In which share it was late.';
