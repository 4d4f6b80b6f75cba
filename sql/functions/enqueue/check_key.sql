/* Refuses what is wrong with the key of a new job. */
create or replace function pgdispatch.check_key(p_new pgdispatch.job)
returns boolean
language plpgsql
as $$
begin
    if p_new.key is null then
        perform pgdispatch.refuse(
            'key_until or on_conflict is given without a key',
            'give a key, or leave them out'
        );
    elsif length(p_new.key) not between 1 and 500 then
        perform pgdispatch.refuse(
            format('key has %s characters', length(p_new.key)),
            'use 1 to 500, for example the number of an order, or leave it out'
        );
    elsif p_new.key_until not in ('started', 'ended', 'forgotten') then
        perform pgdispatch.refuse(
            format('key_until cannot be %L', left(p_new.key_until, 40)),
            'use started, ended or forgotten, or leave it out for started'
        );
    elsif p_new.on_conflict not in ('refuse', 'nothing', 'replace') then
        perform pgdispatch.refuse(
            format('on_conflict cannot be %L', left(p_new.on_conflict, 40)),
            'use refuse, nothing or replace, or leave it out for refuse'
        );
    end if;
    return true;
end
$$;

comment on function pgdispatch.check_key(pgdispatch.job) is
'Refuses a new job whose key, key_until or on_conflict is out of bounds (JD001).';
