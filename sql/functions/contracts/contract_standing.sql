/*
 * How a contract stands for one due time: which run has brought its data, the last of several, or
 * what is to bring them, or why nothing does. Of several parts the one that comes last decides.
 * Locks: none.
 */
create or replace function pgdispatch.contract_standing(
    p_contract pgdispatch.contract,
    p_due timestamptz,
    p_after timestamptz,
    p_until timestamptz,
    out is_met boolean,
    out is_coming boolean,
    out job bigint,
    out task bigint,
    out how text,
    out at timestamptz,
    out began_at timestamptz,
    out ended_at timestamptz,
    out reason text
)
returns record
language plpgsql
stable
as $$
declare
    v_part record;
    v_run record;
    v_coming record;
    v_is_any boolean := false;
    v_is_due constant boolean := p_due <= pgdispatch.now();
begin
    is_met := true;
    is_coming := true;
    for v_part in
        select l.*
        from pgdispatch.contract_parts_left(p_contract, p_after, p_until) as l
        where p_contract.schedule is not null
        union all
        select p.task, p.linked_task, false, null, null, null, null, null, null
        from pgdispatch.contract_parts(p_contract) as p
        where p_contract.schedule is null
    loop
        v_is_any := true;
        if v_part.is_plain then
            select v_part.job, v_part.began_at, v_part.ended_at into v_run;
        else
            select *
            into v_run
            from pgdispatch.part_runs(p_contract, v_part.task, v_part.linked_task, p_after) as r
            order by r.ended_at
            limit 1;
        end if;
        if v_run.job is not null then
            began_at := least(began_at, v_run.began_at);
            if is_met and v_run.ended_at >= coalesce(ended_at, '-infinity') then
                ended_at := v_run.ended_at;
                job := v_run.job;
                task := v_part.task;
            end if;
            continue;
        end if;
        is_met := false;
        if v_part.is_plain then
            select v_part.how, v_part.coming_job as job, v_part.task, v_part.at into v_coming;
        else
            select *
            into v_coming
            from pgdispatch.part_coming(
                p_contract, v_part.task, v_part.linked_task, p_after, p_until, v_is_due
            );
        end if;
        if v_coming.how is null then
            is_coming := false;
            job := null;
            task := v_part.task;
            how := null;
            at := null;
            reason := pgdispatch.part_hindrance(
                p_contract, v_part.task, v_part.linked_task, p_after
            );
            exit;
        elsif how is null or v_coming.at > at then
            job := v_coming.job;
            task := coalesce(v_coming.task, v_part.task);
            how := v_coming.how;
            at := v_coming.at;
        end if;
    end loop;
    if not v_is_any then
        is_met := false;
        is_coming := false;
        reason := pgdispatch.part_hindrance(p_contract, null, null, p_after);
    elsif not is_met then
        began_at := null;
        ended_at := null;
    end if;
end
$$;

comment on function pgdispatch.contract_standing(
    pgdispatch.contract, timestamptz, timestamptz, timestamptz
) is
'Whether the data of a contract are there for one due time (job, began_at, ended_at), or what is '
'to bring them (job or task, how: runs, waits or scheduled, and since or from when), or why '
'nothing does (reason).';
