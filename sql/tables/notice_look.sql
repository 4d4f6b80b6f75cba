/* One row: when somebody last looked what there is to tell, and what is to be delivered. */
create table if not exists pgdispatch.notice_look (
    is_only boolean primary key default true,
    looked_at timestamptz not null,
    looked_closely_at timestamptz not null,
    constraint notice_look_is_only_check check (is_only)
);

comment on table pgdispatch.notice_look is
'When a supervisor last looked for notices: however many there are, one looks each second. One '
'row, written by tend_notices.';
comment on column pgdispatch.notice_look.is_only is 'True; there is one row.';
comment on column pgdispatch.notice_look.looked_at is 'When it last looked at all.';
comment on column pgdispatch.notice_look.looked_closely_at is
'When it last looked at what takes longer: recoveries and budgets.';
