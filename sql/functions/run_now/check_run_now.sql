/* Refuses Run Now where a site does not allow it. */
create or replace function pgdispatch.check_run_now(p_site text)
returns void
language plpgsql
as $$
begin
    if not (select run_now_enabled from pgdispatch.site where name = p_site) then
        raise exception using
            errcode = 'JD006',
            message = format('site %s does not allow Run Now', p_site),
            hint = 'ask its administrator to set run_now_enabled';
    end if;
end
$$;

comment on function pgdispatch.check_run_now(text) is
'Refuses a site that does not allow Run Now (JD006).';
