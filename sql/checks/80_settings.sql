/* Settings of the server that lose jobs, or that leave no way to see or connect. */
select
    format('%s is off', s.name) as problem,
    format('set in %s: %s', coalesce(s.sourcefile, s.source), w.means) as evidence,
    format('alter system set %I = on; select pg_reload_conf()', s.name) as advice
from pg_settings as s
join (
    values
        ('fsync', 'a crash of the machine can destroy the database'),
        ('full_page_writes', 'a crash of the machine can destroy the database'),
        ('synchronous_commit',
            'a crash loses jobs that were said to be in, and runs finished ones again'),
        ('track_activities', 'nobody sees who waits or holds what')
) as w (name, means) on w.name = s.name
where s.setting = 'off'
order by s.name
