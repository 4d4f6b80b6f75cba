/*
 * Trigger: a site, job type or schedule is not renamed, and a site or job type is not deleted,
 * while jobs in the queue go by its name: they would lose its limits, and its people
 * would lose them.
 * It looks twice: at once, to refuse what is plain to see, and at commit under a lock that no job
 * comes past, neither one that another transaction is just inserting nor one that comes meanwhile.
 * Locks: at commit the table job against inserts, claims and endings, after all rows; it gives up
 * after five seconds, as those wait behind it.
 */
create or replace function pgdispatch.protect_queued()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_jobs bigint[];
begin
    if tg_when = 'AFTER' then
        perform pgdispatch.check_isolation();
        lock table pgdispatch.job in share mode;
    end if;
    v_jobs := case tg_table_name
        when 'site' then
            array(select id from pgdispatch.job where site = old.name order by id limit 6)
        when 'job_type' then
            array(select id from pgdispatch.job where type = old.name order by id limit 6)
        else array(select id from pgdispatch.job where schedule = old.name order by id limit 6)
    end;
    if v_jobs <> '{}' then
        raise exception using
            errcode = 'JD004',
            message = format(
                '%s %s cannot be %s: jobs of it wait or run', replace(tg_table_name, '_', ' '),
                left(old.name, 60), case tg_op when 'DELETE' then 'deleted' else 'renamed' end
            ),
            detail = format('job %s%s', array_to_string(v_jobs[:5], ', '),
                case when cardinality(v_jobs) > 5 then ' and more' else '' end),
            hint = 'wait until they have ended, or cancel them: see pgdispatch.queue, '
                'pgdispatch.running and pgdispatch.job_history';
    end if;
    return coalesce(new, old);
end
$$;

comment on function pgdispatch.protect_queued() is
'Trigger: refuses to rename or delete what jobs in the queue go by (JD004).';

create or replace trigger protect_queued
before delete on pgdispatch.site
for each row execute function pgdispatch.protect_queued();

create or replace trigger protect_queued_name
before update of name on pgdispatch.site
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_queued();

create or replace trigger protect_queued
before delete on pgdispatch.job_type
for each row execute function pgdispatch.protect_queued();

create or replace trigger protect_queued_name
before update of name on pgdispatch.job_type
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_queued();

create or replace trigger protect_queued_name
before update of name on pgdispatch.schedule
for each row
when (old.name is distinct from new.name)
execute function pgdispatch.protect_queued();

comment on trigger protect_queued on pgdispatch.site is 'Refuses to delete one with jobs.';
comment on trigger protect_queued_name on pgdispatch.site is 'Refuses to rename one with jobs.';
comment on trigger protect_queued on pgdispatch.job_type is 'Refuses to delete one with jobs.';
comment on trigger protect_queued_name on pgdispatch.job_type is
'Refuses to rename one with jobs.';
comment on trigger protect_queued_name on pgdispatch.schedule is
'Refuses to rename one with jobs.';

do $$
declare
    v_table text;
    v_event text;
begin
    for v_table, v_event in
        values
            ('site', 'delete'),
            ('site', 'rename'),
            ('job_type', 'delete'),
            ('job_type', 'rename'),
            ('schedule', 'rename')
    loop
        if not exists (
            select
            from pg_trigger
            where tgrelid = ('pgdispatch.' || v_table)::regclass
                and tgname = 'protect_queued_at_' || v_event
        ) then
            execute format(
                'create constraint trigger protect_queued_at_%s after %s on pgdispatch.%I '
                'deferrable initially deferred for each row %s '
                'execute function pgdispatch.protect_queued()',
                v_event,
                case v_event when 'rename' then 'update of name' else 'delete' end,
                v_table,
                case v_event
                    when 'rename' then 'when (old.name is distinct from new.name)'
                    else ''
                end
            );
        end if;
        execute format(
            'comment on trigger protect_queued_at_%s on pgdispatch.%I is %L', v_event, v_table,
            format('Refuses at commit to %s one with jobs.', v_event)
        );
    end loop;
end $$;
