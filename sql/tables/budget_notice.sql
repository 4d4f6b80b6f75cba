/* One row for each time that a site has used up 70, 90 or 100 per cent of a day's budget. */
create table if not exists pgdispatch.budget_notice (
    site text not null,
    refilled_at timestamptz not null,
    percent smallint not null,
    spent_seconds double precision not null,
    seconds_limit integer not null,
    noticed_at timestamptz not null,
    primary key (site, refilled_at, percent),
    constraint budget_notice_percent_check check (percent in (70, 90, 100))
);

comment on table pgdispatch.budget_notice is
'When a site reached 70, 90 and 100 per cent of a day''s budget; once a day for each.';
comment on column pgdispatch.budget_notice.site is 'The site.';
comment on column pgdispatch.budget_notice.refilled_at is 'When the day in question began.';
comment on column pgdispatch.budget_notice.percent is '70, 90 or 100.';
comment on column pgdispatch.budget_notice.spent_seconds is 'What it had spent by then.';
comment on column pgdispatch.budget_notice.seconds_limit is 'What it had for the day.';
comment on column pgdispatch.budget_notice.noticed_at is 'When that was noticed.';
