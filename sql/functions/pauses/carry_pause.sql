/*
 * Trigger: the pause of a site, job type or schedule follows when that is renamed, and ends when it
 * is deleted. Only a schedule can be deleted while jobs of it wait: those go on then.
 * Locks: the pause's row.
 */
create or replace function pgdispatch.carry_pause()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scope constant text := replace(tg_table_name, 'job_type', 'type');
    v_pause pgdispatch.pause;
begin
    delete from pgdispatch.pause where scope = v_scope and name = old.name returning * into v_pause;
    if not found then
        return null;
    end if;
    insert into pgdispatch.deferral (gate, refill_at)
    values (pgdispatch.pause_gate(v_scope, old.name), '-infinity');
    if tg_op = 'UPDATE' then
        v_pause.name := new.name;
        delete from pgdispatch.pause where scope = v_scope and name = new.name;
        insert into pgdispatch.pause select v_pause.*;
        insert into pgdispatch.deferral (gate, refill_at)
        select pgdispatch.pause_gate(v_scope, new.name), at
        from unnest(array['-infinity', v_pause.until]::timestamptz[]) as at
        where at is not null;
    end if;
    return null;
end
$$;

comment on function pgdispatch.carry_pause() is
'Trigger: has a pause follow when what is paused is renamed, and end when it is deleted.';

create or replace trigger carry_pause
after update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_pause();

create or replace trigger carry_pause
after update of name on pgdispatch.job_type
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_pause();

create or replace trigger carry_pause
after update of name on pgdispatch.schedule
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.carry_pause();

create or replace trigger end_pause
after delete on pgdispatch.site
for each row execute function pgdispatch.carry_pause();

create or replace trigger end_pause
after delete on pgdispatch.job_type
for each row execute function pgdispatch.carry_pause();

create or replace trigger end_pause
after delete on pgdispatch.schedule
for each row execute function pgdispatch.carry_pause();

comment on trigger carry_pause on pgdispatch.site is 'Has its pause follow a rename.';
comment on trigger carry_pause on pgdispatch.job_type is 'Has its pause follow a rename.';
comment on trigger carry_pause on pgdispatch.schedule is 'Has its pause follow a rename.';
comment on trigger end_pause on pgdispatch.site is 'Has its pause end when it is deleted.';
comment on trigger end_pause on pgdispatch.job_type is 'Has its pause end when it is deleted.';
comment on trigger end_pause on pgdispatch.schedule is 'Has its pause end when it is deleted.';
