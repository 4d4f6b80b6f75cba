/*
 * Nobody waits for a gate for ever: what could not be looked at in time is noted. And serial is
 * what a schedule is, not what it was when a job was created: who is parked at the gate of a
 * schedule that has become parallel since is woken.
 * Locks: none that anybody waits for.
 */
create table pgdispatch.gate_notice (
    id bigint generated always as identity primary key,
    gate text not null,
    noticed_at timestamptz not null
);

comment on table pgdispatch.gate_notice is
'Gates that the next claim has to look at, as their lock could not be got in time; empty on a '
'healthy system.';
comment on column pgdispatch.gate_notice.id is 'Counts the rows.';
comment on column pgdispatch.gate_notice.gate is 'The gate.';
comment on column pgdispatch.gate_notice.noticed_at is 'When that was noticed.';

insert into pgdispatch.gate_notice (gate, noticed_at)
select distinct
    gate,
    pg_catalog.now()
from pgdispatch.job
where state = 'parked'
    and gate like 'schedule/%';

comment on column pgdispatch.schedule.execution is
'parallel, or serial: its jobs run one at a time in the whole cluster. A change holds at once for '
'those that wait.';
comment on column pgdispatch.job.is_serial is
'Whether its schedule was serial when it was started last, or else created.';

do $$
declare
    v_table regclass;
begin
    for v_table in select relid from pg_partition_tree('pgdispatch.job_history') loop
        execute format(
            'comment on column %s.is_serial is %L', v_table,
            'Whether its schedule was serial when it was started last, or else created.'
        );
    end loop;
end $$;
