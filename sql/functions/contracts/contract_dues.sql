/*
 * The due times of a contract that count now: with `due` the last one, if it is later than
 * watched_since, and the next ones; with `max_age` when its oldest data are too old.
 * data_after: a run that begins then or later brings the data in time. until: a run scheduled after
 * that is none for this due time; what is scheduled after the data of the next due time begin
 * belongs to that one.
 */
create or replace function pgdispatch.contract_dues(
    p_contract pgdispatch.contract,
    p_count integer
)
returns table (
    due timestamptz,
    data_after timestamptz,
    until timestamptz
)
language plpgsql
stable
as $$
declare
    v_now constant timestamptz := pgdispatch.now();
    v_dues timestamptz[];
    v_newest timestamptz;
    v_after timestamptz;
begin
    if p_contract.max_age is not null then
        select min(coalesce(
            (
                select max(r.began_at)
                from pgdispatch.part_runs(
                    p_contract, p.task, p.linked_task, v_now - p_contract.max_age
                ) as r
            ),
            pgdispatch.part_newest(p_contract, p.task, p.linked_task),
            p_contract.watched_since
        ))
        into v_newest
        from pgdispatch.contract_parts(p_contract) as p;
        v_newest := coalesce(v_newest, p_contract.watched_since);
        due := v_newest + p_contract.max_age;
        if due > v_now then
            data_after := v_newest + interval '1 microsecond';
            until := due;
        else
            data_after := v_now - p_contract.max_age;
            until := 'infinity';
        end if;
        return next;
        return;
    end if;
    v_dues := pgdispatch.last_run(
        p_contract.due, p_contract.time_zone, v_now, p_contract.calendar
    ) || pgdispatch.next_runs(
        p_contract.due, p_contract.time_zone, v_now, p_count, p_contract.calendar
    );
    for v_index in reverse cardinality(v_dues)..1 loop
        due := v_dues[v_index];
        continue when due is null or due <= p_contract.watched_since and due <= v_now;
        data_after := pgdispatch.local_instant(
            (due at time zone p_contract.time_zone) - p_contract.since, p_contract.time_zone
        );
        until := case when due <= v_now then coalesce(v_after, 'infinity') else due end;
        v_after := data_after;
        return next;
    end loop;
end
$$;

comment on function pgdispatch.contract_dues(pgdispatch.contract, integer) is
'The due times of a contract that count now, latest first: with due the last one and the next '
'p_count, with max_age one. For each from when on data have to be, and until when a scheduled run '
'is one for it.';
