/* The site that is always there. */
insert into pgdispatch.site (name) values ('default') on conflict (name) do nothing;
