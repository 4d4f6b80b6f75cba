/* Applications of a site that insert its jobs and see what became of their own. */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_site_producer') then
        create role pgdispatch_site_producer nologin;
        comment on role pgdispatch_site_producer is
        'pgdispatch: Applications of a site that insert its jobs and see what became of their own.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_site_producer;
grant insert (
    type, site, title, datasource, schedule, task, priority, args, not_before, timeout,
    max_attempts, created_by, traceparent, key, key_until, on_conflict
) on pgdispatch.job to pgdispatch_site_producer;
grant select on pgdispatch.job to pgdispatch_site_producer;
grant insert on pgdispatch.new_job to pgdispatch_site_producer;
grant select on pgdispatch.own_job to pgdispatch_site_producer;
grant execute on function
    pgdispatch.own_sites(),
    pgdispatch.cancel_own_job(bigint, text),
    pgdispatch.why_own_job(bigint)
to pgdispatch_site_producer;

/* They see what they inserted themselves: so an insert may return what it has filled in. */
do $$
begin
    if not exists (
        select
        from pg_policy
        where polrelid = 'pgdispatch.job'::regclass
            and polname = 'site_producer'
    ) then
        create policy site_producer on pgdispatch.job for insert to pgdispatch_site_producer
        with check (site = any ((select pgdispatch.own_sites())::text[]));
        create policy site_producer_own on pgdispatch.job for select to pgdispatch_site_producer
        using (
            inserted_by = session_user
            and site = any ((select pgdispatch.own_sites())::text[])
        );
    end if;
end $$;
