/* The line of an error that says most: the last of a Python traceback, else the first. */
create or replace function pgdispatch.headline(p_error text)
returns text
language sql
immutable
as $$
    select left(
        case when p_error like 'Traceback%' then lines[cardinality(lines)] else lines[1] end, 300
    )
    from (
        select array(
            select btrim(line)
            from regexp_split_to_table(p_error, E'[\n\r]+') with ordinality as t (line, n)
            where btrim(line) <> ''
            order by n
        )
    ) as l (lines)
$$;

comment on function pgdispatch.headline(text) is
'The line of an error that says most, 300 characters at most; null: there is none.';
