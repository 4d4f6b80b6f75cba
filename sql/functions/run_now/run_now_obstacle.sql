/* Why a task or linked task of a schedule is passed over when that is started by hand. */
create or replace function pgdispatch.run_now_obstacle(
    p_site text,
    p_task bigint,
    p_linked_task bigint
)
returns text
language plpgsql
as $$
declare
    v_job bigint;
begin
    if not (select run_now_enabled from pgdispatch.site where name = p_site) then
        return format('site %s does not allow Run Now', p_site);
    elsif pgdispatch.is_suspended(p_task) then
        return 'suspended';
    end if;
    select id into v_job from pgdispatch.job where task = p_task order by id limit 1;
    v_job := coalesce(v_job, pgdispatch.linked_task_job(p_linked_task));
    return 'has job ' || v_job;
end
$$;

comment on function pgdispatch.run_now_obstacle(text, bigint, bigint) is
'Why a task or linked task cannot be started with its schedule; null: it can.';
