/*
 * The sites that the caller is confined to. Everything that confines asks here: functions that run
 * with their owner's rights directly, policies and views by way of own_sites.
 *
 * Whose? `current_user` is no use: in a security definer function it is the owner. `session_user`
 * is who logged in, and nothing that this user runs changes it, `set role` included; so nobody gets
 * out by setting another role. A pool that logs in as one user and then sets the role of a person
 * is confined to what that person sees, too: the setting `role` says whom, also inside a function.
 * To one who is confined that only takes away. A login that is not, and may become people who are
 * and people who are not, is what the role that is set makes of it. pgbouncer, which logs in with
 * the client's own user, changes nothing.
 *
 * A role of ours says what one may, not whose. With one set, whoever logged in counts with all that
 * it may become: by way of a role for all sites nobody leaves the sites of a person.
 */
create or replace function pgdispatch.caller_sites()
returns text[]
language plpgsql
stable
parallel safe
as $$
declare
    v_role constant text := nullif(current_setting('role'), 'none');
    v_is_ours constant boolean := coalesce(v_role in (
        'pgdispatch_producer', 'pgdispatch_worker', 'pgdispatch_viewer', 'pgdispatch_operator',
        'pgdispatch_site_producer', 'pgdispatch_site_viewer', 'pgdispatch_site_operator'
    ), false);
    v_own constant text[] := case  -- spares superusers the look at what they are
        when current_setting('is_superuser') = 'off'
            then pgdispatch.sites_of(session_user, v_is_ours)
    end;
    v_set constant text[] := case
        when v_own is null or not v_is_ours then pgdispatch.sites_of(v_role, false)
    end;
begin
    if v_own is null or v_set is null then
        return coalesce(v_own, v_set);
    end if;
    return array(
        select unnest(v_own)
        intersect
        select unnest(v_set)
    );
end
$$;

comment on function pgdispatch.caller_sites() is
'The sites that whoever called is confined to; null: it is not confined; empty: it sees nothing.';
