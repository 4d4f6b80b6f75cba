/*
 * Trigger: refuses a contract that says nothing, or names what there is not or is not the caller's.
 * In new terms it is watched from now on: due times that have passed do not count, and what was
 * seen of it is forgotten.
 * Locks: none but those of the foreign keys.
 */
create or replace function pgdispatch.check_contract()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_terms constant text[] :=
        '{site,datasource,task,schedule,linked_task,types,due,time_zone,calendar,since,max_age,'
        'enabled}';
begin
    if tg_op = 'UPDATE' and pgdispatch.is_carried(to_jsonb(old)) then
        return new;  -- what it names was renamed, and the key carries it along: no edit
    end if;
    perform pgdispatch.check_contract_terms(new);
    perform pgdispatch.refuse_unknown('flow', new.site, new.schedule);
    if new.task is not null and not exists (
        select from pgdispatch.task where id = new.task and site = new.site
    ) then
        perform pgdispatch.refuse(
            format('site %s has no task %s', new.site, new.task), 'see pgdispatch.task'
        );
    elsif new.linked_task is not null and not exists (
        select from pgdispatch.linked_task where id = new.linked_task and site = new.site
    ) then
        perform pgdispatch.refuse(
            format('site %s has no linked task %s', new.site, new.linked_task),
            'see pgdispatch.linked_task'
        );
    elsif not new.types <@ array(select name from pgdispatch.job_type) then
        perform pgdispatch.refuse_unknown(t.type, new.site, null)
        from unnest(new.types) as t (type);
        perform pgdispatch.refuse('a type has no name', 'name job types, or leave types out');
    end if;
    if tg_op = 'INSERT' then
        new.created_at := pgdispatch.now();
        new.watched_since := new.created_at;
    elsif exists (
        select from pgdispatch.differences(to_jsonb(old), to_jsonb(new), v_terms) as d
        where d.before is not null
    ) then
        new.watched_since := pgdispatch.now();
        delete from pgdispatch.contract_state where contract = new.id;
    end if;
    return new;
end
$$;

comment on function pgdispatch.check_contract() is
'Trigger: refuses what is wrong with a contract with a hint (JD001), and has it watched anew when '
'its terms change.';

create or replace trigger check_contract
before insert or update on pgdispatch.contract
for each row execute function pgdispatch.check_contract();

comment on trigger check_contract on pgdispatch.contract is
'Checks it, and has it watched anew in new terms.';
