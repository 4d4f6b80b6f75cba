/*
 * How far the history reaches with so many ends, of all sites: with it a reader who is confined
 * looks at a bounded stretch, where its own ends may be few. In whole seconds, outwards, and for
 * one's own tasks only, so that it does not tell when those of others ended.
 *
 * The condition is put into the text, as each index serves one only. Locks: none.
 */
create or replace function pgdispatch.history_reach(
    p_look_at integer default 10000,
    p_before timestamptz default null,
    p_after timestamptz default null,
    p_backgrounder text default null,
    p_task bigint default null,
    p_is_rare boolean default false
)
returns timestamptz
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
declare
    v_sites constant text[] := pgdispatch.caller_sites();
    v_reach timestamptz;
begin
    if p_look_at is null or p_look_at not between 1 and 100000 then
        perform pgdispatch.refuse(
            format('it cannot look at %s ends', coalesce(p_look_at::text, 'null')),
            'p_look_at: 1 to 100000'
        );
    elsif p_before is not null and p_after is not null then
        perform pgdispatch.refuse(
            'ends lie before an instant or after one, not both', 'give p_before or p_after'
        );
    elsif v_sites is not null and p_task is not null and not exists (
        select
        from pgdispatch.task as t
        where t.id = p_task
            and t.site = any (v_sites)
    ) then
        return null;
    end if;
    execute format(
        $query$
        select ended_at
        from pgdispatch.job_history
        where ended_at %1$s $1%3$s%4$s%5$s
        order by ended_at %2$s
        offset $2 - 1
        limit 1
        $query$,
        case when p_after is null then '<' else '>' end,
        case when p_after is null then 'desc' else 'asc' end,
        case when p_backgrounder is not null then ' and backgrounder = $3' end,
        case when p_task is not null then ' and task = $4' end,
        case when p_is_rare then $text$ and outcome <> 'succeeded'$text$ end
    )
    into v_reach
    using
        coalesce(p_after, p_before, 'infinity'),
        case when v_sites is null then p_look_at else 10000 end,
        p_backgrounder,
        p_task;
    return date_trunc('second', v_reach) + case
        when p_after is null then interval '0'
        else interval '1 second'
    end;
end
$$;

comment on function pgdispatch.history_reach(
    integer, timestamptz, timestamptz, text, bigint, boolean
) is
'Since when p_look_at jobs of all sites have ended, before p_before if that is given, or with '
'p_after until when; of one backgrounder, of one task, or with p_is_rare only those that failed or '
'were cancelled. Null: not so many have. Whoever is confined to sites puts it into the conditions '
'of a query, which else reads all ends to find some of its own; for it p_look_at is 10,000. JD001: '
'a parameter makes no sense.';
