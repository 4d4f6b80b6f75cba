/*
 * The limit of sites over a stretch of time: their own, or the default of all; null: none.
 * p_column is max_running_jobs or daily_seconds. p_sites: of these; null: of all.
 */
create or replace function pgdispatch.limit_spans(
    p_column text,
    p_sites text[],
    p_from timestamptz,
    p_to timestamptz
)
returns table (
    site text,
    most integer,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 100
as $$
declare
    v_setting constant text := 'site_' || p_column;
    v_now constant jsonb := jsonb_object_agg(
        s.name,
        case p_column when 'daily_seconds' then s.daily_seconds else s.max_running_jobs end
    )
    from pgdispatch.site as s
    where p_sites is null or s.name = any (p_sites);
begin
    return query
    select
        o.name,
        nullif(coalesce(o.value, d.value)::integer, -1),
        greatest(o.from_at, d.from_at),
        least(o.to_at, d.to_at)
    from pgdispatch.value_spans('site', p_column, v_now, p_from, p_to) as o
    join pgdispatch.value_spans(
        'setting', 'value', jsonb_build_object(v_setting, pgdispatch.setting(v_setting)),
        p_from, p_to
    ) as d on d.from_at < o.to_at and d.to_at > o.from_at;
end
$$;

comment on function pgdispatch.limit_spans(text, text[], timestamptz, timestamptz) is
'The limit or budget that sites had over a stretch of time; null: none.';
