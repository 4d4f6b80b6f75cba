/* Refuses names that are unknown, and all sites for who is confined to some. */
create or replace function pgdispatch.check_notice_scope(
    p_type text,
    p_site text,
    p_schedule text
)
returns void
language plpgsql
as $$
begin
    if p_site is null and pgdispatch.caller_sites() is not null then
        perform pgdispatch.refuse(
            'notices of all sites are not for who is confined to some', 'name one of your sites'
        );
    end if;
    perform pgdispatch.refuse_unknown(
        coalesce(p_type, 'notice'), coalesce(p_site, 'default'), p_schedule
    );
end
$$;

comment on function pgdispatch.check_notice_scope(text, text, text) is
'Refuses unknown names, and all sites (null) for who is confined to some (JD001).';
