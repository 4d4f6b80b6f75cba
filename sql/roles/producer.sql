/* Applications that insert jobs and see what became of their own. */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_producer') then
        create role pgdispatch_producer nologin;
        comment on role pgdispatch_producer is
        'pgdispatch: Applications that insert jobs and see what became of their own.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_producer;
grant insert (
    type, site, title, datasource, schedule, task, priority, args, not_before, timeout,
    max_attempts, created_by, traceparent, key, key_until, on_conflict
) on pgdispatch.job to pgdispatch_producer;
grant select on pgdispatch.job to pgdispatch_producer;
grant insert on pgdispatch.new_job to pgdispatch_producer;
grant select on pgdispatch.own_job to pgdispatch_producer;
grant execute on function
    pgdispatch.own_sites(),
    pgdispatch.cancel_own_job(bigint, text),
    pgdispatch.why_own_job(bigint)
to pgdispatch_producer;

/* They see what they inserted themselves: so an insert may return what it has filled in. */
do $$
begin
    if not exists (
        select
        from pg_policy
        where polrelid = 'pgdispatch.job'::regclass
            and polname = 'producer'
    ) then
        create policy producer on pgdispatch.job for insert to pgdispatch_producer
        with check (true);
        create policy producer_own on pgdispatch.job for select to pgdispatch_producer
        using (
            inserted_by = session_user
        );
    end if;
end $$;
