/* Trigger: refuses a rule that could never match, or that is not the caller's to make. */
create or replace function pgdispatch.check_notice_rule()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_of_jobs constant boolean := new.what in ('failure', 'suspension', 'recovery');
    v_hint constant text := case
        when new.what not in (
            'failure', 'suspension', 'recovery', 'node_lost', 'schedule_late', 'budget_spent',
            'contract_at_risk', 'contract_late', 'contract_broken', 'contract_fresh'
        )
            then 'what is failure, suspension, recovery, node_lost, schedule_late, budget_spent, '
                'contract_at_risk, contract_late, contract_broken or contract_fresh'
        when new.site is not null and new.what in ('node_lost', 'schedule_late')
            then 'leave site out: nodes and schedules belong to none'
        when new.type is not null and not v_of_jobs
            then 'leave type out: it is for failure, suspension and recovery'
        when new.schedule is not null and not v_of_jobs and new.what <> 'schedule_late'
            then 'leave schedule out: it is for failure, suspension, recovery and schedule_late'
        when new.after <> 1 and new.what not in ('failure', 'schedule_late')
            then 'leave after out: it is for failure and schedule_late'
        when new.after not between 1 and 100000
            then 'after is 1 to 100000'
        when new.target !~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'
            then 'a target is up to 63 letters, digits, dots, underscores and hyphens'
    end;
begin
    if v_hint is not null then
        perform pgdispatch.refuse(
            format('there cannot be such a rule for %s', left(new.what, 40)), v_hint
        );
    end if;
    perform pgdispatch.check_notice_scope(new.type, new.site, new.schedule);
    return new;
end
$$;

comment on function pgdispatch.check_notice_rule() is
'Trigger: refuses a rule that could never match, or is not the caller''s to make (JD001).';

create or replace trigger check_notice_rule
before insert or update on pgdispatch.notice_rule
for each row execute function pgdispatch.check_notice_rule();

comment on trigger check_notice_rule on pgdispatch.notice_rule is
'Refuses a rule that could never match.';
