/* Nobody has looked yet. */
insert into pgdispatch.notice_look (looked_at, looked_closely_at)
values ('-infinity', '-infinity')
on conflict (is_only) do nothing;
