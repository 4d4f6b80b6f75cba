/* Who is told of what: people change it. Read when something happens, never by a claim. */
create table if not exists pgdispatch.notice_rule (
    id bigint generated always as identity primary key,
    what text not null,
    target text not null,
    site text references pgdispatch.site (name) on update cascade on delete cascade,
    type text references pgdispatch.job_type (name) on update cascade on delete cascade,
    schedule text references pgdispatch.schedule (name) on update cascade on delete cascade,
    after integer not null default 1,
    created_at timestamptz not null default pg_catalog.now(),
    created_by text not null default session_user,
    constraint notice_rule_key unique nulls not distinct (
        what, target, site, type, schedule, after
    ),
    constraint notice_rule_what_check check (what in (
        'failure', 'suspension', 'recovery', 'node_lost', 'schedule_late', 'budget_spent',
        'contract_at_risk', 'contract_late', 'contract_broken', 'contract_fresh'
    )),
    constraint notice_rule_target_check check (target ~ '^[[:alnum:]][[:alnum:]._-]{0,62}$'),
    constraint notice_rule_after_check check (after between 1 and 100000)
);

comment on table pgdispatch.notice_rule is
'Of what a notice is recorded, and which target it goes to. What matches several rules of one '
'target is told once.';
comment on column pgdispatch.notice_rule.id is 'Number of the rule.';
comment on column pgdispatch.notice_rule.what is
'failure (a job ended as failed), suspension (of a task), recovery (a task succeeds after one of '
'these was told), node_lost (no sign of life for a lease), schedule_late (what it is due for has '
'not been created), budget_spent (of a site, once a day), contract_at_risk (or will be late), '
'contract_late, contract_broken, contract_fresh (again, after one of these was told).';
comment on column pgdispatch.notice_rule.target is
'The target: up to 63 letters, digits, dots, underscores and hyphens. What it stands for is in the '
'configuration files of nodes.';
comment on column pgdispatch.notice_rule.site is
'Only of this site; null: of all. Not for node_lost and schedule_late, which belong to none.';
comment on column pgdispatch.notice_rule.type is
'Only of jobs of this type; null: of all. For failure, suspension and recovery.';
comment on column pgdispatch.notice_rule.schedule is
'Only of this schedule; null: of all. For failure, suspension, recovery and schedule_late.';
comment on column pgdispatch.notice_rule.after is
'For failure: from so many failures of its task in a row on. For schedule_late: so many minutes '
'after its time. Else 1.';
comment on column pgdispatch.notice_rule.created_at is 'When it was added.';
comment on column pgdispatch.notice_rule.created_by is 'The database user who added it.';
