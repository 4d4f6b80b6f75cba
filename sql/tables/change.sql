/*
 * Who did what. Written by triggers on the tables that people edit (functions/changes), and by the
 * verbs on jobs. Not an identity: partitions of one would have a sequence each.
 */
create table if not exists pgdispatch.change (
    id bigint not null,
    changed_at timestamptz not null,
    changed_by text not null,
    said_by text,
    what text not null,
    kind text not null,
    name text not null,
    site text,
    before jsonb,
    after jsonb,
    reason text
) partition by range (changed_at);

create sequence if not exists pgdispatch.change_id_seq owned by pgdispatch.change.id;

create table if not exists pgdispatch.change_default partition of pgdispatch.change default;

create index if not exists change_id_idx on pgdispatch.change (id);
create index if not exists change_changed_idx on pgdispatch.change (changed_at, id);
create index if not exists change_name_idx on pgdispatch.change (kind, name, changed_at, id);
create index if not exists change_site_idx on pgdispatch.change (site, changed_at, id);

alter table pgdispatch.change replica identity full;
alter table pgdispatch.change_default replica identity full;

comment on table pgdispatch.change is
'Who did what: each verb of a person, and each edit of a site, schedule, task, linked task, node, '
'job type, setting or grant. Rows are added by the database alone, never changed, and go with '
'their partition after change_keep_days; one partition a month. What nodes, the clock and dispatch '
'write leaves nothing here.';
comment on table pgdispatch.change_default is
'Catches what no monthly partition takes; empty as long as roll_history runs.';

comment on column pgdispatch.change.id is 'Number of the change; of two of one instant, the order.';
comment on column pgdispatch.change.changed_at is 'When.';
comment on column pgdispatch.change.changed_by is 'Who: the database user who logged in.';
comment on column pgdispatch.change.said_by is
'Who it was, as a verb was told (p_by), or as the setting pgdispatch.by of the session said; null: '
'nobody but changed_by was named.';
comment on column pgdispatch.change.what is
'add, change, rename or delete; or the verb: cancel, set priority, run now, retry, fire, '
'backfill, resume, republish, pause, end pause, drain, grant, revoke.';
comment on column pgdispatch.change.kind is
'What was changed: site, schedule, task, linked task, node, job type, setting, notice rule, token, '
'contract, user or job; or everything, which can be paused.';
comment on column pgdispatch.change.name is
'Its name, or its number; of what was renamed, the new name.';
comment on column pgdispatch.change.site is
'The site that it belongs to, whose people see this row; null: it belongs to none.';
comment on column pgdispatch.change.before is
'What differs, as it was before; null: it was not there, or had nothing that differs.';
comment on column pgdispatch.change.after is
'What differs, as it is since; null: it is no more, or has nothing that differs.';
comment on column pgdispatch.change.reason is
'Why, as a verb was told, or as the setting pgdispatch.reason of the session said.';

do $$
declare
    v_column pg_attribute;
begin
    for v_column in
        select *
        from pg_attribute
        where attrelid = 'pgdispatch.change'::regclass
            and attnum > 0
    loop
        execute format(
            'comment on column pgdispatch.change_default.%I is %L', v_column.attname,
            col_description(v_column.attrelid, v_column.attnum)
        );
    end loop;
end $$;
