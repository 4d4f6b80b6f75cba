/*
 * The state that counts: what chances say is held until two forecasts in a row say less than half.
 * What has happened counts at once.
 */
create or replace function pgdispatch.held_state(
    p_seen text,
    p_held text,
    p_chance double precision,
    p_warn_chance double precision,
    p_calm integer
)
returns text
language sql
immutable
as $$
    select case
        when p_seen not in ('fresh', 'at risk')
            or coalesce(p_held, '') not in ('at risk', 'will be late')
            or p_held = p_seen then p_seen
        when p_calm < 2 or p_chance is null then p_held
        when p_held = 'will be late' and p_chance >= p_warn_chance / 2 then 'at risk'
        else p_seen
    end
$$;

comment on function pgdispatch.held_state(
    text, text, double precision, double precision, integer
) is
'The state of a contract, given what is seen now and what it was: at risk and will be late are '
'held until calm is 2.';
