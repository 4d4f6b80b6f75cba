/* Trigger: refuses a wrong value. What depends on a setting has a trigger of its own beside it. */
create or replace function pgdispatch.check_setting()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hint constant text := case
        when new.name = 'tie_break' and new.value not in ('history', 'created')
            then 'set it to history or created'
        when new.name = 'tie_break'
            then null
        when new.name = 'lease_seconds' and new.value !~ '^([89]|[1-9][0-9]{1,3})$'
            then 'set it to 8 to 9999: nodes send a heartbeat every 2 seconds'
        when new.name = 'suspend_after_failures' and new.value !~ '^(-1|[1-9][0-9]{0,5})$'
            then 'set it to a whole number from 1 to 999999, or -1 for never'
        when new.name in ('site_max_running_jobs', 'site_daily_seconds')
            and new.value !~ '^(-1|0|[1-9][0-9]{0,8})$'
            then 'set it to a whole number from 0 to 999999999, or -1 for no limit'
        when new.name = 'console_url' and (
            new.value !~ '^(https?://[[:graph:]]+)?$'
            or new.value ~ '[?#]|/$'
            or length(new.value) > 400
        )
            then 'set it to an address such as https://jobs.example/console, without a slash at '
                'its end, or to nothing'
        when new.name = 'forecast_hours' and new.value !~ '^([1-9]|[1-3][0-9]|4[0-8])$'
            then 'set it to 1 to 48: beyond that people''s own jobs decide'
        when new.name = 'forecast_seconds' and new.value !~ '^(-1|[1-9]|[1-5][0-9]|60)$'
            then 'set it to 1 to 60, or -1 for no forecast'
        when new.name not in (
            'suspend_after_failures', 'site_max_running_jobs', 'site_daily_seconds', 'console_url',
            'forecast_seconds'
        ) and new.value !~ '^[1-9][0-9]{0,5}$'
            then 'set it to a whole number from 1 to 999999'
    end;
begin
    if v_hint is not null then
        perform pgdispatch.refuse(
            format('setting %s cannot be %L', new.name, left(new.value, 40)), v_hint
        );
    end if;
    return new;
end
$$;

comment on function pgdispatch.check_setting() is 'Trigger: refuses a wrong setting.';

create or replace trigger check_setting
before update of value on pgdispatch.setting
for each row execute function pgdispatch.check_setting();

comment on trigger check_setting on pgdispatch.setting is 'Refuses a wrong value.';
