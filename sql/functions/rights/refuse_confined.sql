/* Refuses to a confined caller what concerns the cluster, or all sites, before anything is read. */
create or replace function pgdispatch.refuse_confined(p_what text)
returns void
language plpgsql
as $$
begin
    if pgdispatch.caller_sites() is not null then
        raise exception using
            errcode = 'JD009',
            message = format('you are confined to sites, so you may not %s', p_what),
            detail = format('your sites: %s', coalesce(
                nullif(array_to_string(pgdispatch.caller_sites(), ', '), ''), 'none'
            )),
            hint = 'ask an operator of all sites';
    end if;
end
$$;

comment on function pgdispatch.refuse_confined(text) is
'Raises JD009 if the caller is confined to sites.';
