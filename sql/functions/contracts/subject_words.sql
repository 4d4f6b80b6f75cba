/* What a contract is about, in words for people. */
create or replace function pgdispatch.subject_words(p_contract pgdispatch.contract)
returns text
language sql
immutable
as $$
    select concat(
        'datasource ' || left(p_contract.datasource, 100),
        'task ' || p_contract.task,
        'schedule ' || left(p_contract.schedule, 100),
        'linked task ' || p_contract.linked_task,
        ' (' || array_to_string(p_contract.types, ', ') || ')'
    )
$$;

comment on function pgdispatch.subject_words(pgdispatch.contract) is
'What a contract is about: its datasource, task, schedule or linked task, and which types count.';
