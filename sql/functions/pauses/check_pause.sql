/*
 * Checks whether the caller may pause this, or end its pause, and gives the name as the table pause
 * has it. A name that is not there any more can still be one whose pause is to be ended.
 */
create or replace function pgdispatch.check_pause(
    p_scope text,
    p_name text,
    p_is_new boolean default true
)
returns text
language plpgsql
as $$
declare
    v_is_there boolean;
begin
    if p_scope is null or p_scope not in ('all', 'site', 'type', 'schedule') then
        perform pgdispatch.refuse(
            format('%s cannot be paused', coalesce(quote_literal(left(p_scope, 60)), 'null')),
            'use all, or site, type or schedule and its name'
        );
    elsif (p_scope = 'all') <> (coalesce(p_name, '') = '') then
        perform pgdispatch.refuse(
            case p_scope
                when 'all' then 'everything has no name'
                else format('which %s? it needs a name', p_scope)
            end,
            'use all alone, or site, type or schedule and its name'
        );
    elsif p_scope <> 'site' then
        perform pgdispatch.refuse_confined(format('pause %s', case p_scope
            when 'all' then 'everything'
            else 'a ' || p_scope || ', which other sites use too'
        end));
    end if;
    v_is_there := case p_scope
        when 'all' then true
        when 'site' then pgdispatch.may_see(p_name) and (
            not p_is_new or exists (select from pgdispatch.site where name = p_name)
        )
        when 'type' then not p_is_new
            or exists (select from pgdispatch.job_type where name = p_name)
        else not p_is_new
            or exists (select from pgdispatch.schedule where name = p_name)
    end;
    if not v_is_there then
        raise exception using
            errcode = 'JD002',
            message = format('%s %L does not exist', p_scope, left(p_name, 60)),
            hint = case p_scope
                when 'site' then 'see pgdispatch.site'
                when 'type' then 'see pgdispatch.job_type'
                else 'see pgdispatch.schedule'
            end;
    end if;
    return coalesce(p_name, '');
end
$$;

comment on function pgdispatch.check_pause(text, text, boolean) is
'The name of what is to be paused, or paused no more; refuses a bad scope (JD001), what is unknown '
'(JD002) or not the caller''s (JD009).';
