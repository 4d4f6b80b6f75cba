/* The notices, newest first, with what has become of each. Takes no lock. */
create or replace view pgdispatch.notice_status
with (security_invoker = true) as
select
    n.id as notice,
    n.at,
    n.what,
    n.site,
    n.text,
    n.target,
    case
        when n.outcome is not null then n.outcome
        when n.delivery is not null then 'under way'
        else 'waiting'
    end as state,
    coalesce(n.delivery_error, case
        when n.outcome is null and n.delivery is not null then (
            select case p.scope when 'all' then 'everything' else p.scope || ' ' || p.name end
                || ' is paused'
            from pgdispatch.pause as p
            where (p.scope, p.name) in (('all', ''), ('type', 'notice'))
                and (p.until is null or p.until > pgdispatch.now())
            order by p.scope
            limit 1
        )
    end) as reason,
    n.queued_at,
    n.delivery,
    n.ended_at,
    n.type,
    n.schedule,
    n.task,
    n.job,
    n.node,
    n.title,
    n.after,
    n.error,
    n.contract,
    n.contract_state
from pgdispatch.notice as n
order by
    n.at desc,
    n.id desc;

comment on view pgdispatch.notice_status is
'What targets are told, newest first, and what has become of it.';
comment on column pgdispatch.notice_status.notice is 'Number of the notice.';
comment on column pgdispatch.notice_status.at is 'When it was recorded.';
comment on column pgdispatch.notice_status.what is 'What it is about, as in notice_rule; or test.';
comment on column pgdispatch.notice_status.site is 'The site it concerns; null: the cluster.';
comment on column pgdispatch.notice_status.text is 'What happened, in one sentence.';
comment on column pgdispatch.notice_status.target is 'The target that is told.';
comment on column pgdispatch.notice_status.state is
'waiting (for its turn: a target gets a delivery each notice_digest_seconds at most), under way '
'(a job delivers it, or tries again later), delivered, or given up.';
comment on column pgdispatch.notice_status.reason is
'Why it is not delivered yet, or was given up; null: nothing stands in the way.';
comment on column pgdispatch.notice_status.queued_at is
'When the job was made that delivers it; null: it waits for one.';
comment on column pgdispatch.notice_status.delivery is 'That job.';
comment on column pgdispatch.notice_status.ended_at is 'When that job ended; null: it has not.';
comment on column pgdispatch.notice_status.type is 'The type of the job it is about.';
comment on column pgdispatch.notice_status.schedule is
'The schedule it concerns, or of the job it is about.';
comment on column pgdispatch.notice_status.task is 'The task it is about.';
comment on column pgdispatch.notice_status.job is 'The job that failed, or that succeeded again.';
comment on column pgdispatch.notice_status.node is 'The lost node.';
comment on column pgdispatch.notice_status.title is 'The title of the job it is about.';
comment on column pgdispatch.notice_status.after is
'After how many failures in a row, or minutes; see notice_rule.';
comment on column pgdispatch.notice_status.error is 'The line of the error that says most.';
comment on column pgdispatch.notice_status.contract is 'The contract it is about.';
comment on column pgdispatch.notice_status.contract_state is
'How that stood: as in contract_status.';
