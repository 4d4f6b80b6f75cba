/* The gates that are full, paused, or that somebody holds: what runs there, what waits. No lock. */
create or replace view pgdispatch.gate_status
with (security_invoker = true) as
select
    o.gate,
    o.kind,
    o.reason,
    case
        when o.gate like 'pause/site/%' then substr(o.gate, length('pause/site/') + 1)
        when o.gate like 'datasource/%' or o.gate like 'site/%' then split_part(o.gate, '/', 2)
    end as site,
    case
        when o.gate like 'datasource/%'
            then substr(o.gate, length('datasource/' || split_part(o.gate, '/', 2) || '/') + 1)
    end as datasource,
    case
        when o.gate like 'schedule/%' then substr(o.gate, length('schedule/') + 1)
        when o.gate like 'pause/schedule/%' then substr(o.gate, length('pause/schedule/') + 1)
    end as schedule,
    o.holder,
    o.running,
    o.room,
    o.until,
    o.needs_person,
    w.waiting,
    w.best
from pgdispatch.obstacles() as o
join pgdispatch.gate_queue() as w on w.gate = o.gate
order by
    w.waiting desc,
    o.gate;

comment on view pgdispatch.gate_status is
'The gates that have no room now, those at which most wait first: who holds each and until about '
'when, how many wait and which of them is next there. A gate that is not here has room.';
comment on column pgdispatch.gate_status.gate is
'Name of the gate: datasource/SITE/NAME, schedule/NAME or site/NAME; of a pause: pause/all, or '
'pause/site/NAME, pause/type/NAME, pause/schedule/NAME.';
comment on column pgdispatch.gate_status.kind is
'What keeps it shut: datasource or schedule (a job of it runs), site limit, site budget, paused, '
'or held (by a transaction).';
comment on column pgdispatch.gate_status.reason is 'That in words, as queue says it.';
comment on column pgdispatch.gate_status.site is 'The site, of a datasource, a limit or a pause.';
comment on column pgdispatch.gate_status.datasource is 'The datasource.';
comment on column pgdispatch.gate_status.schedule is
'The serial schedule, or the one that is paused.';
comment on column pgdispatch.gate_status.holder is
'The job that holds it, if it is one; those of a site are in running. Null also: one of another '
'site.';
comment on column pgdispatch.gate_status.running is
'How many of its jobs run; null: held or paused.';
comment on column pgdispatch.gate_status.room is
'How many of them may; 0 when the budget is spent, or it is paused. Null: held.';
comment on column pgdispatch.gate_status.until is
'When it has room again: if what runs there takes its usual time, so it may be past; or the '
'refill, or the end of the pause. Null: not known.';
comment on column pgdispatch.gate_status.needs_person is
'Whether it stays shut until somebody does something.';
comment on column pgdispatch.gate_status.waiting is
'How many jobs wait there, counted to 1001: those that are parked, and those among the first 1000 '
'of the queue that no claim has come to yet.';
comment on column pgdispatch.gate_status.best is 'The best of them in the order; null: none waits.';
