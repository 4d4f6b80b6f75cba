/* The queue of notifications fills when a session that listens sits in a transaction. */
select
    'notifications are not being taken' as problem,
    format(
        'the queue of all databases is %s %% full', round(100 * pg_notification_queue_usage())
    ) as evidence,
    'end the session that listens and sits idle in a transaction (pg_stat_activity); '
    'when the queue is full, no job can be inserted' as advice
where pg_notification_queue_usage() > 0.1
