/* Nobody has looked yet. */
insert into pgdispatch.forecast_look (looked_at)
values ('-infinity')
on conflict (is_only) do nothing;
