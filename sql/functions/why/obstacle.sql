/*
 * What keeps one waiting job from starting now, its place apart: exactly one reason, the first that
 * holds. The view queue has the same expression written out, since a call for each row is slow.
 */
create or replace function pgdispatch.obstacle(
    p_job pgdispatch.job,
    p_obstacles jsonb,
    p_now timestamptz
)
returns jsonb
language plpgsql
stable
as $$
begin
    if p_job.not_before > p_now then
        return jsonb_build_object('kind', 'time', 'reason', 'not before ' || to_char(
            p_job.not_before,
            case
                when p_job.not_before < (p_now::date + 1)::timestamptz then 'HH24:MI'
                else 'YYYY-MM-DD HH24:MI'
            end
        ));
    end if;
    return coalesce(
        p_obstacles -> pgdispatch.pause_gate('all', ''),
        p_obstacles -> pgdispatch.pause_gate('site', p_job.site),
        p_obstacles -> pgdispatch.pause_gate('type', p_job.type),
        p_obstacles -> pgdispatch.pause_gate('schedule', p_job.schedule),
        p_obstacles -> ('type/' || p_job.type),
        p_obstacles -> pgdispatch.datasource_gate(p_job.site, p_job.datasource),
        p_obstacles -> pgdispatch.schedule_gate(p_job.schedule),
        p_obstacles -> pgdispatch.site_gate(p_job.site)
    );
end
$$;

comment on function pgdispatch.obstacle(pgdispatch.job, jsonb, timestamptz) is
'Why a waiting job could not start even if it were next: the first row of obstacles that holds it, '
'given all of them by gate, or its time; null: it could.';
