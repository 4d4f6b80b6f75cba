/*
 * Records a notice that tells nothing, for whoever wants to see whether a target is reached. It
 * goes out by itself, at once.
 * Locks: none.
 */
create or replace function pgdispatch.test_notice(p_target text, p_site text default null)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id bigint;
begin
    if p_target is null or p_target !~ '^[[:alnum:]][[:alnum:]._-]{0,62}$' then
        perform pgdispatch.refuse(
            format('%L cannot be a target', left(p_target, 60)),
            'use up to 63 letters, digits, dots, underscores and hyphens'
        );
    end if;
    perform pgdispatch.check_notice_scope('notice', p_site, null);
    insert into pgdispatch.notice (at, what, target, text, site)
    values (
        pgdispatch.now(), 'test', p_target,
        format('a test of the target %s by %s', p_target, session_user), p_site
    )
    returning id into v_id;
    return v_id;
end
$$;

comment on function pgdispatch.test_notice(text, text) is
'Has a notice sent to a target, to see whether it is reached, and returns its number; '
'notice_status says what becomes of it. Who is confined to sites names one of them. JD001.';
