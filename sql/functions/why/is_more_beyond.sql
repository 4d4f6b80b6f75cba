/*
 * Whether any job waits behind a place in the order, or before it. For whoever is confined: one of
 * its sites among p_most of all, or else more than those, so that nobody has looked.
 */
create or replace function pgdispatch.is_more_beyond(
    p_from pgdispatch.job,
    p_is_back boolean,
    p_most integer,
    p_sites text[]
)
returns boolean
language plpgsql
stable
as $$
begin
    if exists (
        select
        from pgdispatch.look_along(
            p_from, p_is_back, case when p_sites is null then 1 else p_most end, 1, p_sites, '{}',
            null, null
        )
    ) then
        return true;
    elsif p_sites is null then
        return false;
    end if;
    return pgdispatch.is_longer_beyond(p_from, p_is_back, p_most);
end
$$;

comment on function pgdispatch.is_more_beyond(pgdispatch.job, boolean, integer, text[]) is
'Whether a job waits behind a place, or before it; with p_sites one of theirs, or more than p_most '
'of all.';
