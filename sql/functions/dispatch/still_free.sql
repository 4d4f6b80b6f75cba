/* Those of some backgrounders for whom no job has been started, in the same order. */
create or replace function pgdispatch.still_free(p_free text[], p_started pgdispatch.verdict[])
returns text[]
language plpgsql
as $$
declare
    v_free text[] := '{}';
    v_one text;
begin
    if cardinality(p_started) = cardinality(p_free) then
        return v_free;
    end if;
    foreach v_one in array p_free loop
        if not exists (select from unnest(p_started) as s where s.backgrounder = v_one) then
            v_free := v_free || v_one;
        end if;
    end loop;
    return v_free;
end
$$;

comment on function pgdispatch.still_free(text[], pgdispatch.verdict[]) is
'The backgrounders of the list for whom none of these jobs was started.';
