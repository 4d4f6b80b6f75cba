/* Says which of the names in a new job or task is unknown, and what names there are. */
create or replace function pgdispatch.refuse_unknown(p_type text, p_site text, p_schedule text)
returns void
language plpgsql
as $$
begin
    if p_type is null then
        perform pgdispatch.refuse(
            'a job needs a type',
            'name one of: ' || (select string_agg(name, ', ' order by rank, name)
                from pgdispatch.job_type)
        );
    elsif not exists (select from pgdispatch.job_type where name = p_type) then
        perform pgdispatch.refuse(
            format('job type %L does not exist', left(p_type, 60)),
            'use one of: ' || (select string_agg(name, ', ' order by rank, name)
                from pgdispatch.job_type) || '; or add it to pgdispatch.job_type'
        );
    elsif not exists (select from pgdispatch.site where name = p_site)
        or not pgdispatch.may_see(p_site) then
        perform pgdispatch.refuse(
            format('site %L does not exist', left(p_site, 60)),
            'add it first: insert into pgdispatch.site (name) values (…)'
        );
    elsif p_schedule is not null and (
        not exists (select from pgdispatch.schedule where name = p_schedule)
        or not pgdispatch.may_see(p_site, p_schedule)
    ) then
        perform pgdispatch.refuse(
            format('schedule %L does not exist', left(p_schedule, 60)),
            'add it first: insert into pgdispatch.schedule (name) values (…)'
        );
    end if;
end
$$;

comment on function pgdispatch.refuse_unknown(text, text, text) is
'Raises JD001 for the first name among a type, a site and a schedule that is unknown, or that the '
'caller may not see.';
