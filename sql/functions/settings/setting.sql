/* One setting, as text. An unknown one is an error: compared as null it would allow everything. */
create or replace function pgdispatch.setting(p_name text)
returns text
language plpgsql
stable
as $$
declare
    v_value text;
begin
    select value
    into v_value
    from pgdispatch.setting
    where name = p_name;
    if not found then
        raise exception using
            errcode = 'JD001',
            message = format('there is no setting %L', left(p_name, 60)),
            hint = 'see select name from pgdispatch.setting; one that came with the package is '
                'put back by: pgdispatch install --again';
    end if;
    return v_value;
end
$$;

comment on function pgdispatch.setting(text) is
'The value of a setting, as text; JD001 if there is none of that name.';
