/*
 * Sequences that are behind the numbers already given, which their tables have. With p_deep it also
 * looks where the numbers of rows that are gone are left: a job's in the history, and so on.
 * The sequence is read within the statement, so after its snapshot: a number that is there has
 * been given, and of a sequence that works nobody ever sees a greater one.
 * Locks: none.
 */
create or replace function pgdispatch.sequences_behind(p_deep boolean default true)
returns table (
    sequence text,
    given bigint
)
language plpgsql
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return query
    select s.name, s.greatest
    from (
        values
            ('job_id_seq', (select max(id) from pgdispatch.job
                where id > (select pgdispatch.last_given('job_id_seq')))),
            ('task_id_seq', (select max(id) from pgdispatch.task
                where id > (select pgdispatch.last_given('task_id_seq')))),
            ('linked_task_id_seq', (select max(id) from pgdispatch.linked_task
                where id > (select pgdispatch.last_given('linked_task_id_seq')))),
            ('linked_run_id_seq', (select max(id) from pgdispatch.linked_run
                where id > (select pgdispatch.last_given('linked_run_id_seq')))),
            ('schedule_id_seq', (select max(id) from pgdispatch.schedule
                where id > (select pgdispatch.last_given('schedule_id_seq')))),
            ('site_id_seq', (select max(id) from pgdispatch.site
                where id > (select pgdispatch.last_given('site_id_seq')))),
            ('generation_id_seq', (select max(id) from pgdispatch.generation
                where id > (select pgdispatch.last_given('generation_id_seq')))),
            ('due_id_seq', (select max(id) from pgdispatch.due
                where id > (select pgdispatch.last_given('due_id_seq')))),
            ('gate_notice_id_seq', (select max(id) from pgdispatch.gate_notice
                where id > (select pgdispatch.last_given('gate_notice_id_seq')))),
            ('notice_id_seq', (select max(id) from pgdispatch.notice
                where id > (select pgdispatch.last_given('notice_id_seq')))),
            ('notice_rule_id_seq', (select max(id) from pgdispatch.notice_rule
                where id > (select pgdispatch.last_given('notice_rule_id_seq')))),
            ('token_id_seq', (select max(id) from pgdispatch.token
                where id > (select pgdispatch.last_given('token_id_seq')))),
            ('contract_id_seq', (select max(id) from pgdispatch.contract
                where id > (select pgdispatch.last_given('contract_id_seq'))))
    ) as s (name, greatest)
    where s.greatest is not null;
    if p_deep then
        return query select * from pgdispatch.sequences_behind_history();
    end if;
end
$$;

comment on function pgdispatch.sequences_behind(boolean) is
'Sequences of numbers that are behind their tables, with the greatest number that is there.';
