/*
 * What nodes were like until they changed: up or not, how many backgrounders, which types, drained.
 * Written by the trigger note_node_state as node changes. Partitioned as the history is. A row says
 * how it was until then, so that nothing is lost with old months: the present is in node.
 */
create table if not exists pgdispatch.node_state (
    node text not null,
    until_at timestamptz not null,
    is_up boolean not null,
    backgrounders integer not null,
    types text[],
    is_drained boolean not null
) partition by range (until_at);

create table if not exists pgdispatch.node_state_default
partition of pgdispatch.node_state default;

create index if not exists node_state_until_idx on pgdispatch.node_state (until_at, node);
create index if not exists node_state_node_idx on pgdispatch.node_state (node, until_at);

alter table pgdispatch.node_state replica identity full;
alter table pgdispatch.node_state_default replica identity full;

comment on table pgdispatch.node_state is
'What nodes took, until when: a row is written when that changes, never by a heartbeat in time or '
'a job; one partition a month, kept as long as the history. What they take now is in node.';
comment on table pgdispatch.node_state_default is
'Catches what no monthly partition takes; empty as long as roll_history runs.';

comment on column pgdispatch.node_state.node is
'The node.';
comment on column pgdispatch.node_state.until_at is
'Until when it was so; the next row of the node says how it was from then on, and after the last '
'one the table node does.';
comment on column pgdispatch.node_state.is_up is
'Whether its supervisor was up; false: stopped, lost, or not there yet.';
comment on column pgdispatch.node_state.backgrounders is
'How many backgrounders it was to run.';
comment on column pgdispatch.node_state.types is
'The job types that it took when it was neither drained nor closed; null: all.';
comment on column pgdispatch.node_state.is_drained is
'Whether it took no new jobs: drained, or closed by a window.';

do $$
declare
    v_column pg_attribute;
begin
    for v_column in
        select *
        from pg_attribute
        where attrelid = 'pgdispatch.node_state'::regclass
            and attnum > 0
    loop
        execute format(
            'comment on column pgdispatch.node_state_default.%I is %L', v_column.attname,
            col_description(v_column.attrelid, v_column.attnum)
        );
    end loop;
end $$;
