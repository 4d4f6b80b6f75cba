/* Refuses what would make dispatch wrong: a stale snapshot, or a nameless backgrounder. */
create or replace function pgdispatch.check_caller(p_backgrounder text)
returns void
language plpgsql
as $$
begin
    perform pgdispatch.check_isolation();
    if p_backgrounder is null or p_backgrounder !~ '^[^:]{1,63}:[0-9]{1,4}$' then
        perform pgdispatch.refuse(
            format('%L is not the id of a backgrounder', left(p_backgrounder, 80)),
            'use node:number, for example etl-1:3'
        );
    end if;
end
$$;

comment on function pgdispatch.check_caller(text) is
'Refuses a caller whose transaction is not read committed (JD008) or who is not node:number.';
