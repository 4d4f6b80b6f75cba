/* What is paused now, with what waits there. Takes no lock. */
create or replace view pgdispatch.paused
with (security_invoker = true) as
select
    p.scope,
    nullif(p.name, '') as name,
    p.paused_by,
    p.reason,
    p.paused_at,
    p.until,
    date_trunc('milliseconds', c.now - p.paused_at) as paused_for,
    w.waiting,
    w.best
from (select pgdispatch.now() as now) as c
cross join pgdispatch.pause as p
left join pgdispatch.gate_queue() as w
    on w.gate = 'pause/' || p.scope || case when p.name <> '' then '/' || p.name else '' end
where p.until is null
    or p.until > c.now
order by
    p.paused_at,
    p.scope,
    p.name;

comment on view pgdispatch.paused is
'What is paused now: whoever has paused it, why, since when and until when, and how many jobs wait '
'for that.';
comment on column pgdispatch.paused.scope is 'all, site, type or schedule.';
comment on column pgdispatch.paused.name is
'Which site, type or schedule; null: everything is paused.';
comment on column pgdispatch.paused.paused_by is 'Who said so last.';
comment on column pgdispatch.paused.reason is 'Why.';
comment on column pgdispatch.paused.paused_at is 'Since when.';
comment on column pgdispatch.paused.until is
'When it ends by itself; null: when somebody ends it.';
comment on column pgdispatch.paused.paused_for is 'How long it has been paused.';
comment on column pgdispatch.paused.waiting is
'How many jobs wait for it, counted to 1001: those that are parked there, and those among the '
'first 1000 of the queue that no claim has come to yet. A wider pause has those of a narrower one.';
comment on column pgdispatch.paused.best is 'The best of them in the order; null: none waits.';
