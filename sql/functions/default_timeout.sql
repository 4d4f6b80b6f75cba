/* How long a job may run if neither it nor its task says: as its site says, else as its type. */
create or replace function pgdispatch.default_timeout(p_type pgdispatch.job_type, p_site text)
returns interval
language plpgsql
as $$
declare
    v_timeout interval;
begin
    select timeout
    into v_timeout
    from pgdispatch.site_timeout
    where site = p_site
        and type = p_type.name;
    if found then
        return v_timeout;
    end if;
    return p_type.timeout;
end
$$;

comment on function pgdispatch.default_timeout(pgdispatch.job_type, text) is
'Timeout of a job of this type and site that names none, nor does its task; null: no limit.';
