/* The first criterion of the order in which a waiting job differs from the one behind it. */
create or replace function pgdispatch.decided_by(
    p_job pgdispatch.job,
    p_most integer default 1,
    p_sites text[] default null
)
returns text
language plpgsql
stable
as $$
declare
    v_names constant text[] := case pgdispatch.setting('tie_break')
        when 'history' then array['run time', 'created']
        else array['created', 'run time']
    end;
    v_other pgdispatch.job;
begin
    select (b.job).*
    into v_other
    from (
        select
            j as job,
            j.site
        from pgdispatch.job as j
        where j.backgrounder is null
            and (precedence, priority, queued_at, type_rank, tie_first, tie_second, id)
                > (p_job.precedence, p_job.priority, p_job.queued_at, p_job.type_rank,
                    p_job.tie_first, p_job.tie_second, p_job.id)
        order by precedence, priority, queued_at, type_rank, tie_first, tie_second, id
        limit p_most
    ) as b
    where p_sites is null
        or b.site = any (p_sites)
    limit 1;
    return case
        when not found then null
        when p_job.precedence <> v_other.precedence then 'run now'
        when p_job.priority <> v_other.priority then 'priority'
        when p_job.queued_at <> v_other.queued_at then
            case
                when p_job.queued_at <= p_job.scheduled_at
                    or v_other.queued_at <= v_other.scheduled_at
                    then 'scheduled time'
                else 'queue order'
            end
        when p_job.type_rank <> v_other.type_rank then 'job type'
        when p_job.tie_first <> v_other.tie_first then v_names[1]
        when p_job.tie_second <> v_other.tie_second then v_names[2]
        else 'job id'
    end;
end
$$;

comment on function pgdispatch.decided_by(pgdispatch.job, integer, text[]) is
'The first criterion in which a waiting job differs from the one behind it: what puts it before '
'that. Null: none is behind it. With p_sites the next of theirs, among p_most of all behind it.';
