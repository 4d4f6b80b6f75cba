/* What has to be zero: parked jobs that nobody woke, and history in no month. */
select
    'parked jobs were left behind' as problem,
    format('the sweep found %s, last at %s', count(*), max(swept_at)) as evidence,
    'harmless if somebody held that job''s row (cancel, set_priority in an open transaction); else '
    'report it, with the rows; then: delete from pgdispatch.swept_job' as advice
from pgdispatch.swept_job
having count(*) > 0
union all
select
    'history is in no month',
    format('%s rows in job_history_default and attempt_default', count(*)),
    'start a node, or: select pgdispatch.roll_history()'
from (
    select from pgdispatch.job_history_default
    union all
    select from pgdispatch.attempt_default
) as row
having count(*) > 0
union all
select
    'logs are in no month',
    format('%s rows in job_log_default', count(*)),
    'start a node, or: select pgdispatch.roll_history()'
from pgdispatch.job_log_default
having count(*) > 0
