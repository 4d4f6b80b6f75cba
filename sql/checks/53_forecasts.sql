/*
 * Forecasts that are not made, or that are wrong about how sure they are: of the last week's
 * intervals four of five should have held.
 */
select
    'no forecast is made' as problem,
    format('the last one came to nothing: %s', s.problem) as evidence,
    'see the log of the nodes; to make none: pgdispatch setting set forecast_seconds -1' as advice
from pgdispatch.forecast_state as s
where s.problem is not null
    and s.began_at > coalesce(s.made_at, '-infinity') + 3 * s.period
union all
select
    'forecasts are not as sure as they say',
    format(
        'the 80 %% intervals of the last week held %s %% of %s starts',
        round((100 * sum(q.held * q.n) / sum(q.n))::numeric), sum(q.n)
    ),
    'what ran or came differently than before is learnt in two weeks; plan with room until then'
from pgdispatch.forecast_quality as q
where q.state <> 'running'
having sum(q.n) >= 200
    and sum(q.held * q.n) / sum(q.n) not between 0.65 and 0.95
