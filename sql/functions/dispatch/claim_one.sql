/*
 * dispatch for one backgrounder, with the verdicts that claim, finish and fail have: run, or again,
 * where `more` says whether something was done. Locks: as dispatch.
 */
create or replace function pgdispatch.claim_one(
    p_backgrounder text,
    p_types text[],
    p_held text[]
)
returns pgdispatch.verdict
language plpgsql
as $$
declare
    v_is_sound constant boolean := pgdispatch.check_isolation();
    v_found constant record := pgdispatch.dispatch(array[p_backgrounder], p_types, p_held);
    v_next pgdispatch.verdict;
begin
    if v_found.started <> '{}' then
        return v_found.started[1];
    elsif v_found.said is not null then
        v_next.verdict := 'again';
        v_next.more := v_found.said = 'again';
    end if;
    return v_next;
end
$$;

comment on function pgdispatch.claim_one(text, text[], text[]) is
'Starts the next job for one backgrounder and returns it; verdict again: commit and ask again; a '
'row of nulls: nothing to do. p_held names the gates whose locks this transaction holds.';
