/*
 * Refuses what is not the exact name of a zone. PostgreSQL itself also takes `XYZ3` for a zone,
 * and any mixture of cases. It takes CET, EET, MET and WET for abbreviations, without the summer
 * time of the zones of these names. The hint has the names whose cities begin most like the one
 * given.
 */
create or replace function pgdispatch.check_time_zone(p_time_zone text)
returns void
language plpgsql
stable
as $$
declare
    v_pattern constant text := '^(posix|right)/|^(localtime|posixrules|Factory|[CEMW]ET)$';
    v_asked constant text := replace(lower(left(btrim(p_time_zone), 60)), ' ', '_');
    v_city constant text := regexp_replace(v_asked, '^.*/', '');
    v_near text;
begin
    if p_time_zone = 'UTC' or exists (
        select from pg_timezone_names where name = p_time_zone and name !~ v_pattern
    ) then
        return;
    end if;
    select array_to_string((array_agg(name order by name))[1:3], ', ')
    into v_near
    from (
        select
            z.name,
            rank() over (
                order by
                    p.n desc,
                    split_part(lower(z.name), '/', 1) = split_part(v_asked, '/', 1) desc
            ) as rank
        from pg_timezone_names as z
        cross join lateral (
            select max(n) as n
            from generate_series(3, length(v_city)) as n
            where starts_with(regexp_replace(lower(z.name), '^.*/', ''), left(v_city, n))
        ) as p
        where z.name !~ v_pattern
            and p.n is not null
    ) as near
    where rank = 1;
    perform pgdispatch.refuse(
        format(
            'time zone %L %s',
            left(p_time_zone, 60),
            case
                when p_time_zone ~ '^[CEMW]ET$' then 'has no summer time here'
                else 'does not exist'
            end
        ),
        coalesce(
            'use the name of a zone, such as ' || v_near,
            'use the name of a zone, such as Europe/Berlin; all are in pg_timezone_names'
        )
    );
end
$$;

comment on function pgdispatch.check_time_zone(text) is
'Refuses (JD001) what is not the exact name of an IANA time zone; the hint has the nearest ones.';
