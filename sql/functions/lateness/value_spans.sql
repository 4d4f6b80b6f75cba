/*
 * What a setting of many things was over a stretch of time: p_now has what it is now, by name, and
 * the changes that were noted lead back from there. Null: it had none, or was not there.
 */
create or replace function pgdispatch.value_spans(
    p_kind text,
    p_key text,
    p_now jsonb,
    p_from timestamptz,
    p_to timestamptz
)
returns table (
    name text,
    value text,
    from_at timestamptz,
    to_at timestamptz
)
language plpgsql
stable
rows 100
as $$
begin
    return query
    with lasting as (
        select
            c.name,
            c.before ->> p_key as value,
            c.changed_at as until,
            c.id
        from jsonb_object_keys(p_now) as k (name)
        join pgdispatch.change as c
            on c.kind = p_kind
            and c.name = k.name
            and c.changed_at > p_from
            and (c.before ? p_key or c.after ? p_key)
        union all
        select k.key, k.value, 'infinity', null
        from jsonb_each_text(p_now) as k
    ),
    span as (
        select
            l.name,
            l.value,
            greatest(lag(l.until) over one_thing, p_from) as since,
            least(l.until, p_to) as until
        from lasting as l
        window one_thing as (partition by l.name order by l.until, l.id)
    )
    select s.name, s.value, s.since, s.until
    from span as s
    where s.since < s.until;
end
$$;

comment on function pgdispatch.value_spans(text, text, jsonb, timestamptz, timestamptz) is
'What a column or setting was over a stretch of time, for each name in p_now, which has the values '
'of now; from the changes that were noted.';
