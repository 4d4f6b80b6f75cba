/* What has been paused for a week: nobody may remember it. */
select
    format('%s has been paused for %s days', w.what, extract(day from w.paused_for)) as problem,
    concat_ws(
        '; ', format('by %s, at %s', w.paused_by, date_trunc('second', w.paused_at)), w.reason,
        case
            when w.waiting > 1000 then 'more than 1000 jobs wait'
            else format('%s jobs wait', w.waiting)
        end
    ) as evidence,
    format('if that is over: pgdispatch resume %s', w.named) as advice
from (
    select
        p.*,
        concat_ws(' ', case p.scope when 'all' then 'everything' else p.scope end, p.name) as what,
        concat_ws(
            ' ', p.scope,
            case when p.name ~ '[[:space:]]' then quote_literal(p.name) else p.name end
        ) as named
    from pgdispatch.paused as p
) as w
where w.paused_for >= interval '7 days'
order by w.paused_at
