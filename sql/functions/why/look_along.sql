/*
 * Walks along the queue from a place, to the back or to the front, and gives the waiting jobs that
 * are wanted, and in any case the last one that it came to. It looks at p_look_at jobs and gives
 * p_limit, and so reads no more than that. Of some sites it sees their jobs only.
 *
 * Both ways begin at the place itself in the index, in all versions: to compare the columns as one
 * row is slow only where that ends the walk, see jobs_before. The direction is put into the text.
 */
create or replace function pgdispatch.look_along(
    p_from pgdispatch.job,
    p_is_back boolean,
    p_look_at integer,
    p_limit integer,
    p_sites text[],
    p_wanted jsonb,
    p_obstacles jsonb,
    p_now timestamptz
)
returns table (
    place bigint,
    ready bigint,
    is_wanted boolean,
    job bigint
)
language plpgsql
stable
as $$
begin
    return query execute format(
        $query$
        select
            l.place,
            l.ready,
            l.is_wanted,
            l.id
        from (
            select
                w.id,
                row_number() over in_order as place,
                count(*) filter (where w.state = 'ready')
                    over (in_order rows unbounded preceding) as ready,
                lead(w.id) over in_order is null as is_last,
                coalesce(
                    ($5 ->> 'site' is null or w.site = $5 ->> 'site')
                    and ($5 ->> 'type' is null or w.type = $5 ->> 'type')
                    and ($5 ->> 'schedule' is null or w.schedule = $5 ->> 'schedule')
                    and ($5 ->> 'datasource' is null or w.datasource = $5 ->> 'datasource')
                    and ($5 ->> 'task' is null or w.task = ($5 ->> 'task')::bigint)
                    and ($5 ->> 'by' is null or w.created_by = $5 ->> 'by')
                    and ($5 ->> 'kind' is null or $5 ->> 'kind' = case
                        when w.not_before > $7 then 'time'
                        else coalesce(
                            $6 -> 'pause/all' ->> 'kind',
                            $6 -> ('pause/site/' || w.site) ->> 'kind',
                            $6 -> ('pause/type/' || w.type) ->> 'kind',
                            $6 -> ('pause/schedule/' || w.schedule) ->> 'kind',
                            $6 -> ('type/' || w.type) ->> 'kind',
                            $6 -> ('datasource/' || w.site || '/' || w.datasource) ->> 'kind',
                            $6 -> ('schedule/' || w.schedule) ->> 'kind',
                            $6 -> ('site/' || w.site) ->> 'kind',
                            'next'
                        )
                    end),
                    false
                ) as is_wanted
            from (
                select j.*
                from pgdispatch.job as j
                where j.backgrounder is null
                    and (
                        precedence, priority, queued_at, type_rank, tie_first, tie_second, id
                    ) %1$s (
                        $1.precedence, $1.priority, $1.queued_at, $1.type_rank, $1.tie_first,
                        $1.tie_second, $1.id
                    )
                order by %2$s
                limit $2
            ) as w
            where $4 is null
                or w.site = any ($4)
            window in_order as (order by %2$s)
        ) as l
        where l.is_wanted
            or l.is_last
        limit $3
        $query$,
        case when p_is_back then '<' else '>' end,
        case
            when p_is_back then 'precedence desc, priority desc, queued_at desc, type_rank desc, '
                || 'tie_first desc, tie_second desc, id desc'
            else 'precedence, priority, queued_at, type_rank, tie_first, tie_second, id'
        end
    )
    using p_from, p_look_at, p_limit, p_sites, p_wanted, p_obstacles, p_now;
end
$$;

comment on function pgdispatch.look_along(
    pgdispatch.job, boolean, integer, integer, text[], jsonb, jsonb, timestamptz
) is
'The waiting jobs behind a place in the order, or before it, that are wanted (site, type, '
'schedule, datasource, task, by, kind), and the last that was looked at; each with its place from '
'there, how many of those so far are ready, and whether it is wanted.';
