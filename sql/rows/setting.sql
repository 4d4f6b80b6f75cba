/*
 * The settings: those that are missing are added; a value that nobody has changed follows the
 * default, any other is kept. A setting that is no more is deleted by a version file, which drops
 * the trigger protect_setting before.
 */
insert into pgdispatch.setting as known (name, default_value, description, value)
select
    name,
    default_value,
    description,
    default_value
from (values
    ('batch_seconds', '60', 'scheduled times within one window of so many seconds are one batch'),
    ('history_hours', '180', 'successful runs of so many hours make the historical run time'),
    ('tie_break', 'history', 'within a batch and type: history (shorter first) or created'),
    ('lease_seconds', '15', 'a node silent for so long loses its jobs'),
    ('max_losses', '3', 'a job that lost its node so many times fails as lost'),
    ('overrun_grace_seconds', '1800', 'time between a timeout and the kill'),
    ('cancel_grace_seconds', '10', 'time between a cancel request and the kill'),
    ('history_keep_days', '400', 'history partitions older than this are dropped'),
    ('change_keep_days', '400', 'partitions of changes older than this are dropped'),
    ('occurrence_keep_days', '60', 'served scheduled times older than this are forgotten'),
    ('missed_after_seconds', '60', 'a scheduled time so long past is missed, see missed_runs'),
    ('suspend_after_failures', '5', 'so many failures in a row suspend a task; -1: never'),
    ('retry_base_seconds', '30', 'a first retry waits up to so long; each later one up to twice'),
    ('retry_max_seconds', '3600', 'no retry waits longer than this'),
    ('site_max_running_jobs', '-1', 'max_running_jobs of sites that say none; -1: no limit'),
    ('site_daily_seconds', '-1', 'daily_seconds of sites that say none; -1: no limit'),
    ('gate_wait_seconds', '2', 'a gate that one transaction holds for so long is passed over'),
    ('node_keep_hours', '24', 'a node that stopped so long ago and is not configured is forgotten'),
    ('notice_digest_seconds', '300', 'a target gets no two deliveries of notices within so long'),
    ('notice_keep_days', '30', 'notices older than this are forgotten, delivered or not'),
    ('forecast_hours', '12', 'the forecast looks so many hours ahead'),
    ('forecast_seconds', '2', 'processor time that one forecast may take; -1: none is made'),
    ('forecast_every_seconds', '60', 'a forecast is made so often while somebody looks at it'),
    ('forecast_rarely_seconds', '900', 'a forecast is made so often while nobody does'),
    ('forecast_late_seconds', '600', 'what starts so long after its time is late'),
    ('console_url', '', 'address of the console, for the pages of nodes and for notices')
) as own (name, default_value, description)
on conflict (name) do update
set default_value = excluded.default_value,
    description = excluded.description,
    value = case
        when known.value = known.default_value then excluded.default_value
        else known.value
    end
where (known.default_value, known.description)
    is distinct from (excluded.default_value, excluded.description);
