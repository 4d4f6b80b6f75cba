/*
 * By how much intervals have to be widened, to hold four times of five what they held in the last
 * 14 days: split-conformal. Of each forecast the score is how far outside of its interval it
 * happened, measured by the interval's length and a minute; negative inside. The 80 % quantile of
 * the scores is what to add on either side; less than nothing makes it narrower.
 *
 * Only of forecasts whose whole horizon has passed: of others those are known first that came true
 * early. What did not come within the horizon counts as at its end. Without a lead: of all.
 * Locks: none.
 */
create or replace function pgdispatch.forecast_calibration()
returns table (
    state text,
    what text,
    lead text,
    n bigint,
    widened double precision
)
language sql
stable
as $$
    with known as (
        select
            c.state,
            w.what,
            pgdispatch.forecast_lead(w.expected) as lead,
            greatest(
                w.low - coalesce(w.happened, c.until), coalesce(w.happened, c.until) - w.high
            ) / (w.high - w.low + 60) as score
        from pgdispatch.forecast_check as c
        cross join lateral (
            values
                ('starts', c.starts_early, c.starts, c.starts_late, c.started),
                ('ends', c.ends_early, c.ends, c.ends_late, c.ended)
        ) as w (what, low, expected, high, happened)
        where c.made_at > (select pgdispatch.now()) - interval '14 days'
            and c.made_at + make_interval(secs => c.until) < (select pgdispatch.now())
            and c.known_at is not null
            and not c.was_skipped
            and not c.was_disturbed
            and w.high is not null
            and (w.what = 'ends' or c.state <> 'running')
    )
    select
        k.state,
        k.what,
        k.lead,
        count(*),
        percentile_disc(0.8) within group (order by k.score)
    from known as k
    group by grouping sets ((k.state, k.what, k.lead), (k.state, k.what))
    having count(*) >= 40
$$;

comment on function pgdispatch.forecast_calibration() is
'By how much intervals are widened on either side, in lengths of the interval and a minute: by '
'state, what is meant (starts or ends) and lead time (null: any), from the last 14 days.';
