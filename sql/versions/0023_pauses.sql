/*
 * Everything, a site, a type or a schedule's jobs can be paused. Claims learn of it by the table
 * due; a deferral is of a gate, which may be that of a pause.
 * Locks: deferral and due, for a moment; claims write them.
 */
create table pgdispatch.pause (
    scope text not null,
    name text not null,
    paused_by text not null,
    reason text,
    paused_at timestamptz not null,
    until timestamptz,
    is_confined boolean not null,
    primary key (scope, name),
    constraint pause_scope_check check (scope in ('all', 'site', 'type', 'schedule')),
    constraint pause_name_check check ((name = '') = (scope = 'all'))
);

comment on table pgdispatch.pause is
'What people have paused: waiting jobs keep their places and do not start, those that run go on. '
'See the view paused for what is so now; change it with pause and end_pause.';
comment on column pgdispatch.pause.scope is 'all, site, type or schedule.';
comment on column pgdispatch.pause.name is
'Which site, type or schedule; empty: everything is paused.';
comment on column pgdispatch.pause.paused_by is 'Who said so last; the database user if not given.';
comment on column pgdispatch.pause.reason is 'Why.';
comment on column pgdispatch.pause.paused_at is 'Since when.';
comment on column pgdispatch.pause.until is
'When it ends by itself; null: when somebody ends it.';
comment on column pgdispatch.pause.is_confined is
'Whether whoever said so is confined to sites; others who are may then end it.';

alter table pgdispatch.deferral rename column site to gate;
update pgdispatch.deferral set gate = 'site/' || gate;

comment on table pgdispatch.deferral is
'Gates whose jobs are looked at anew at a time: a site''s at the refill of its daily budget, a '
'pause''s when it ends; or at once. The first claim after refill_at deletes the row and does so.';
comment on column pgdispatch.deferral.gate is 'The gate: site/NAME, or pause/….';
comment on column pgdispatch.deferral.refill_at is
'When the budget is full again, or the pause ends; -infinity: at once, as a limit has changed, or '
'a pause was set or ended.';

alter table pgdispatch.due add column paused text[];

comment on table pgdispatch.due is
'How far jobs that became due, or were unparked, have been made ready, and what is paused; the '
'last row counts. Written by claims, appended only.';
comment on column pgdispatch.due.paused is
'The gates of the pauses that hold, see the table pause; null: nothing is paused.';

do $$
declare
    v_table regclass;
begin
    for v_table in select relid from pg_partition_tree('pgdispatch.change') loop
        execute format(
            'comment on column %s.what is %L', v_table,
            'add, change, rename or delete; or the verb: cancel, set priority, run now, retry, '
            'fire, resume, republish, pause, end pause, drain, grant, revoke.'
        );
        execute format(
            'comment on column %s.kind is %L', v_table,
            'What was changed: site, schedule, task, linked task, node, job type, setting, notice '
            'rule, user or job; or everything, which can be paused.'
        );
    end loop;
end $$;
