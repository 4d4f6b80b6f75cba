/* Nobody has watched yet. */
insert into pgdispatch.watch (since, observed_at, server_started_at)
values (pg_catalog.now(), pg_catalog.now(), pg_postmaster_start_time())
on conflict (is_only) do nothing;
