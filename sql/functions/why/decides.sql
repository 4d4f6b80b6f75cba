/* The first criterion of the order in which two jobs differ, the first of which comes before. */
create or replace function pgdispatch.decides(p_job pgdispatch.job, p_other pgdispatch.job)
returns text
language plpgsql
stable
as $$
declare
    v_names constant text[] := case pgdispatch.setting('tie_break')
        when 'history' then array['run time', 'created']
        else array['created', 'run time']
    end;
begin
    return case
        when p_other.id is null then null
        when p_job.precedence <> p_other.precedence then 'run now'
        when p_job.priority <> p_other.priority then 'priority'
        when p_job.queued_at <> p_other.queued_at then
            case
                when p_job.queued_at <= p_job.scheduled_at
                    or p_other.queued_at <= p_other.scheduled_at
                    then 'scheduled time'
                else 'queue order'
            end
        when p_job.type_rank <> p_other.type_rank then 'job type'
        when p_job.tie_first <> p_other.tie_first then v_names[1]
        when p_job.tie_second <> p_other.tie_second then v_names[2]
        else 'job id'
    end;
end
$$;

comment on function pgdispatch.decides(pgdispatch.job, pgdispatch.job) is
'The first criterion in which a waiting job differs from one behind it; null: there is none.';
