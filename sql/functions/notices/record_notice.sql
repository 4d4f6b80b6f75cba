/*
 * Records a notice for each target that a rule names for it, and for the one that it brings along.
 * Of a state (since is not null) each
 * target is told once.
 * Locks: none that anybody waits for, unless another is recording the same state.
 */
create or replace function pgdispatch.record_notice(p_notice pgdispatch.notice)
returns void
language plpgsql
as $$
begin
    insert into pgdispatch.notice (
        at, what, target, text, error, site, type, schedule, task, job, node, title, after, since,
        contract, contract_state
    )
    select
        pgdispatch.now(),
        p_notice.what,
        r.target,
        left(p_notice.text, 1000),
        p_notice.error,
        p_notice.site,
        p_notice.type,
        p_notice.schedule,
        p_notice.task,
        p_notice.job,
        p_notice.node,
        p_notice.title,
        p_notice.after,
        p_notice.since,
        p_notice.contract,
        p_notice.contract_state
    from (
        select distinct target
        from pgdispatch.notice_rule
        where what = p_notice.what
            and (site is null or site = p_notice.site)
            and (type is null or type = p_notice.type)
            and (schedule is null or schedule = p_notice.schedule)
            and after <= coalesce(p_notice.after, 1)
        union
        select p_notice.target
        where p_notice.target <> ''
    ) as r
    where p_notice.since is null
        or not exists (
            select
            from pgdispatch.notice as told
            where told.what = p_notice.what
                and coalesce(told.contract::text, told.node, told.schedule, told.site) = coalesce(
                    p_notice.contract::text, p_notice.node, p_notice.schedule, p_notice.site
                )
                and told.since = p_notice.since
                and told.target = r.target
                and told.contract_state is not distinct from p_notice.contract_state
                and (told.contract is null or told.recovered_at is null)
        )
    order by r.target
    on conflict do nothing;
end
$$;

comment on function pgdispatch.record_notice(pgdispatch.notice) is
'Records a notice for each target that a rule names for it, and for its own target.';
