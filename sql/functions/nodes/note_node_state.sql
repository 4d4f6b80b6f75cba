/*
 * Trigger: keeps what a node was like until now, when that changes. A node that has fallen silent
 * was up until its lease was over, and down from then on: that is noted when it speaks again,
 * stops, is taken over, edited or deleted; until then its heartbeat says so. A heartbeat in time
 * leaves nothing.
 * Locks: none; the table is appended to.
 */
create or replace function pgdispatch.note_node_state()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_lost_at timestamptz;
    v_types text[];
    v_is_drained boolean;
begin
    if tg_op = 'INSERT' or tg_op = 'UPDATE' and old.name <> new.name then
        insert into pgdispatch.node_state (node, until_at, is_up, backgrounders, types, is_drained)
        values (new.name, v_now, false, 0, null, false);
    end if;
    if tg_op = 'INSERT' then
        return null;
    end if;
    v_is_drained := old.is_drained or old.closed_until is not null;
    v_types := old.types;
    if old.closed_until is not null then
        v_types := pgdispatch.taken_types(old.served_types, old.only_types, old.except_types);
    end if;
    v_lost_at := old.heartbeat_at + pgdispatch.seconds('lease_seconds');
    if v_lost_at <= v_now and not exists (
        select
        from pgdispatch.node_state as s
        where s.node = old.name
            and s.until_at >= v_lost_at
    ) then
        insert into pgdispatch.node_state (node, until_at, is_up, backgrounders, types, is_drained)
        values (old.name, v_lost_at, true, old.backgrounders, v_types, v_is_drained);
    elsif tg_op = 'UPDATE' and old.name = new.name
        and (old.backgrounders, old.types, old.is_drained, old.heartbeat_at is null)
            is not distinct from
            (new.backgrounders, new.types, new.is_drained, new.heartbeat_at is null)
        and coalesce(v_lost_at, v_now + interval '1 s') > v_now then
        return null;  -- a late heartbeat, but within its lease
    end if;
    insert into pgdispatch.node_state (node, until_at, is_up, backgrounders, types, is_drained)
    values (
        old.name, v_now, coalesce(v_lost_at > v_now, false), old.backgrounders, v_types,
        v_is_drained
    );
    return null;
end
$$;

comment on function pgdispatch.note_node_state() is
'Trigger: keeps what a node was like until it changed, in node_state.';

create or replace trigger note_node_state
after insert or delete on pgdispatch.node
for each row execute function pgdispatch.note_node_state();

-- a lease has 8 seconds or more: what was heard of within that cannot have been lost meanwhile
create or replace trigger note_node_state_change
after update on pgdispatch.node
for each row
when (
    (old.name, old.backgrounders, old.types, old.is_drained, old.heartbeat_at is null)
    is distinct from
    (new.name, new.backgrounders, new.types, new.is_drained, new.heartbeat_at is null)
    or new.heartbeat_at >= old.heartbeat_at + interval '8 s'
)
execute function pgdispatch.note_node_state();

comment on trigger note_node_state on pgdispatch.node is
'Keeps since when a node was there, and until when.';
comment on trigger note_node_state_change on pgdispatch.node is
'Keeps what a node was like until it changed.';
