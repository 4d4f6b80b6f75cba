/* Which types a node takes when no window closes it; null: all. */
create or replace function pgdispatch.taken_types(
    p_served_types text[],
    p_only_types text[],
    p_except_types text[]
)
returns text[]
language sql
stable
as $$
    select case
        when p_only_types is null and p_except_types is null then p_served_types
        else array(
            select t.name
            from pgdispatch.job_type as t
            where (p_served_types is null or t.name = any (p_served_types))
                and (p_only_types is null or t.name = any (p_only_types))
                and (t.name = any (p_except_types)) is not true
        )
    end
$$;

comment on function pgdispatch.taken_types(text[], text[], text[]) is
'The types that a node takes by the three columns of types, whether it is closed or not; null: '
'all.';
