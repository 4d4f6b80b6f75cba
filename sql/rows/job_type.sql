/*
 * The job types that are always there. Those that are missing are added; all of a row but its name
 * is data of the installation, and kept. A default that another version has is set by a version
 * file, where the former one is still in force.
 */
insert into pgdispatch.job_type as known
    (name, rank, timeout, priority_from, default_priority, run_now_first, description, is_built_in)
values
    ('flow', 0, interval '14400 s', 'task', 0, false, 'a flow run', true),
    ('alert', 1, interval '7200 s', 'schedule', 50, true, 'a data-driven alert check', true),
    ('system', 2, null, 'task', 50, true, 'housekeeping', true),
    ('subscription', 3, interval '7200 s', 'schedule', 50, true, 'render and send', true),
    ('extract_creation', 4, interval '7200 s', 'task', 50, true, 'first build of an extract', true),
    ('incremental_extract', 5, interval '7200 s', 'task', 50, true, 'append what is new', true),
    ('full_extract', 6, interval '7200 s', 'task', 50, true, 'rebuild', true),
    ('notice', 2, interval '120 s', 'task', 1, true, 'deliver notices to a target', true)
on conflict (name) do update
set is_built_in = true
where not known.is_built_in;
