/*
 * What was seen of each contract last, so that each state is told once. Written by judge_contracts,
 * by one caller at a time.
 */
create table if not exists pgdispatch.contract_state (
    contract bigint primary key references pgdispatch.contract (id) on delete cascade,
    state text,
    due timestamptz,
    changed_at timestamptz,
    is_told boolean not null default false,
    calm integer not null default 0,
    calm_at timestamptz,
    job bigint,
    began_at timestamptz,
    ended_at timestamptz,
    constraint contract_state_state_check
    check (state in ('fresh', 'at risk', 'will be late', 'late', 'broken'))
);

comment on table pgdispatch.contract_state is
'What was seen of each contract last; contract_status says how it stands. Written by supervisors.';
comment on column pgdispatch.contract_state.contract is 'The contract.';
comment on column pgdispatch.contract_state.state is
'fresh, at risk, will be late, late or broken; null: not judged yet.';
comment on column pgdispatch.contract_state.due is 'The due time that this is about.';
comment on column pgdispatch.contract_state.changed_at is 'Since when it has been so.';
comment on column pgdispatch.contract_state.is_told is
'Whether people were told of it, so that they are to be told when it is over.';
comment on column pgdispatch.contract_state.calm is
'How many forecasts in a row have seen less than half of the chance that it warns at.';
comment on column pgdispatch.contract_state.calm_at is 'When the last of these was made.';
comment on column pgdispatch.contract_state.job is
'The job that brought the newest data of a datasource, as far as seen.';
comment on column pgdispatch.contract_state.began_at is 'When that job began.';
comment on column pgdispatch.contract_state.ended_at is 'When it ended.';
