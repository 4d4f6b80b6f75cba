/*
 * Tables without a key say what a publication has to send of a row that is deleted: without, and
 * with a publication for all tables, PostgreSQL refuses the delete. Locks: these tables, against
 * everybody, for a moment; nothing is rewritten.
 */
alter table pgdispatch.schema_version replica identity full;
alter table pgdispatch.charge replica identity full;
alter table pgdispatch.deferral replica identity full;
alter table pgdispatch.swept_job replica identity full;
alter table pgdispatch.job_history replica identity full;

do $$
declare
    v_partition regclass;
begin
    for v_partition in
        select inhrelid
        from pg_inherits
        where inhparent = 'pgdispatch.job_history'::regclass
        order by inhrelid
    loop
        execute format('alter table %s replica identity full', v_partition);
    end loop;
end $$;

comment on table pgdispatch.schema_version is
'What was installed here, and when. In force is the newest of the rows with the greatest step; '
'a lower step than that is refused.';
