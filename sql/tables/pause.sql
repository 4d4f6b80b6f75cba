/*
 * What is paused: by whom, why, until when. Written by people (pause, end_pause). Claims do not
 * read it: they keep what holds now in the table due, see apply_pauses.
 * One that has ended by itself stays until the next one of the same scope and name.
 */
create table if not exists pgdispatch.pause (
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
