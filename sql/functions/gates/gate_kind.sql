/*
 * What kind of gate this is: datasource, schedule or site. A job has one gate of each kind at most,
 * and tries them in this order, which is that of the alphabet, too. What is paused has a gate of a
 * further kind, pause, which has no room: it is parked there before it tries any, see park_paused.
 * People see gates by their names, so views and checks spell them out; functions make them with
 * datasource_gate, schedule_gate and site_gate, and tell them apart with this.
 * None of these costs anything: PostgreSQL puts what they do in place of the call when it plans.
 */
create or replace function pgdispatch.gate_kind(p_gate text)
returns text
language sql
immutable
as $$
    select split_part(p_gate, '/', 1)
$$;

comment on function pgdispatch.gate_kind(text) is
'What kind of gate this is: datasource, schedule or site; or pause.';
