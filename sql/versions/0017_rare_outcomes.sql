/*
 * What failed or was cancelled is found among millions that succeeded.
 * Locks: job_history and its partitions, against whoever ends a job, while the index is made: it
 * reads each partition once.
 */
create index if not exists job_history_rare_idx on pgdispatch.job_history (ended_at, id)
    where outcome <> 'succeeded';
