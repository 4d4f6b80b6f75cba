/*
 * The columns that people set, of each table that they edit; all others are the database's own.
 * The triggers note_edit name them once more, as PostgreSQL takes no function there.
 */
create or replace function pgdispatch.configured_columns(p_table text)
returns text[]
language sql
immutable
as $$
    select (case p_table
        when 'site' then
            '{name,max_running_jobs,daily_seconds,refill_at,time_zone,over_budget,run_now_enabled}'
        when 'site_timeout' then '{site,type,timeout}'
        when 'schedule' then
            '{name,priority,execution,is_custom,enabled,recurrence,time_zone,missed_runs,'
            'max_missed_runs,calendar,on_free_day}'
        when 'closed_window' then
            '{name,scope,target,recurrence,lasts,time_zone,calendar,on_free_day,from_at,to_at,'
            'drain_before,run_at_end,reason,enabled}'
        when 'calendar' then '{name,time_zone,working_weekdays}'
        when 'calendar_day' then '{calendar,day,name,is_working}'
        when 'task' then
            '{site,type,title,schedule,priority,datasource,args,timeout,max_attempts,enabled}'
        when 'linked_task' then '{site,title,schedule,priority,enabled}'
        when 'linked_task_step' then '{linked_task,step,task,stop_on_failure}'
        when 'node' then
            '{name,backgrounders,application_servers,only_types,except_types,is_drained,'
            'drain_ends_at}'
        when 'job_type' then
            '{name,rank,timeout,max_attempts,priority_from,default_priority,run_now_first,'
            'description}'
        when 'setting' then '{value}'
        when 'notice_rule' then '{what,target,site,type,schedule,after}'
        when 'contract' then
            '{name,site,datasource,task,schedule,linked_task,types,due,time_zone,calendar,since,'
            'max_age,warn_chance,warn_before,target,note,enabled}'
    end)::text[]
$$;

comment on function pgdispatch.configured_columns(text) is
'The columns of a table that people set.';
