/* Settings of the whole installation. Change one with `update`; it takes effect at once. */
create table if not exists pgdispatch.setting (
    name text primary key,
    value text not null,
    description text not null
);

comment on table pgdispatch.setting is
'Settings of the whole installation; change one with update, it takes effect at once.';
comment on column pgdispatch.setting.name is 'What is set.';
comment on column pgdispatch.setting.value is 'Its value, as text; a wrong one is refused.';
comment on column pgdispatch.setting.description is 'What it does, and its unit.';

insert into pgdispatch.setting (name, value, description)
values
    ('batch_seconds', '60', 'scheduled times within one window of so many seconds are one batch'),
    ('history_hours', '180', 'successful runs of so many hours make the historical run time'),
    ('tie_break', 'history', 'within a batch and type: history (shorter first) or created'),
    ('lease_seconds', '15', 'a node silent for so long loses its jobs'),
    ('max_losses', '3', 'a job that lost its node so many times fails as lost'),
    ('overrun_grace_seconds', '1800', 'time between a timeout and the kill'),
    ('cancel_grace_seconds', '10', 'time between a cancel request and the kill'),
    ('history_keep_days', '400', 'history partitions older than this are dropped'),
    ('occurrence_keep_days', '60', 'served scheduled times older than this are forgotten'),
    ('missed_after_seconds', '60', 'a scheduled time so long past is missed, see missed_runs'),
    ('suspend_after_failures', '5', 'so many failures in a row suspend a task; -1: never'),
    ('retry_base_seconds', '30', 'a first retry waits up to so long; each later one up to twice'),
    ('retry_max_seconds', '3600', 'no retry waits longer than this'),
    ('site_max_running_jobs', '-1', 'max_running_jobs of sites that say none; -1: no limit'),
    ('site_daily_seconds', '-1', 'daily_seconds of sites that say none; -1: no limit'),
    ('gate_wait_seconds', '2', 'a gate that one transaction holds for so long is passed over')
on conflict (name) do nothing;
