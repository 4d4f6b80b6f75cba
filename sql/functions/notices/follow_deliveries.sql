/*
 * Notes on the notices what has become of the jobs that deliver them. One that is nowhere was
 * deleted by somebody: its notices wait for another.
 * Locks: those notices; its caller is the only one that looks.
 */
create or replace function pgdispatch.follow_deliveries()
returns void
language plpgsql
as $$
declare
    v_delivery bigint;
    v_job record;
    v_error text;
    v_is_there boolean;
begin
    for v_delivery in
        select distinct delivery
        from pgdispatch.notice
        where ended_at is null
            and delivery is not null
    loop
        select
            ended_at,
            case when outcome = 'succeeded' then 'delivered' else 'given up' end as outcome,
            case when outcome <> 'succeeded'
                then pgdispatch.headline(coalesce(error, cancel_reason, outcome))
            end as error
        into v_job
        from pgdispatch.job_history
        where id = v_delivery
        limit 1;
        if found then
            update pgdispatch.notice
            set ended_at = v_job.ended_at,
                outcome = v_job.outcome,
                delivery_error = v_job.error
            where delivery = v_delivery
                and ended_at is null;
            continue;
        end if;
        select pgdispatch.headline(last_error)
        into v_error
        from pgdispatch.job
        where id = v_delivery;
        v_is_there := found;
        update pgdispatch.notice
        set delivery = case when v_is_there then delivery end,
            delivery_error = v_error
        where delivery = v_delivery
            and ended_at is null
            and (not v_is_there or delivery_error is distinct from v_error);
    end loop;
end
$$;

comment on function pgdispatch.follow_deliveries() is
'Notes on the notices what has become of the jobs that deliver them.';
