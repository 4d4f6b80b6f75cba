/* Refuses a transaction that does not see what rivals commit while it runs. */
create or replace function pgdispatch.check_isolation()
returns boolean
language plpgsql
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using
            errcode = 'JD008',
            message = format('this cannot be done in a %s transaction',
                current_setting('transaction_isolation')),
            detail = 'it must see what rivals have committed since the transaction began',
            hint = 'use read committed';
    end if;
    return true;
end
$$;

comment on function pgdispatch.check_isolation() is
'Refuses a caller whose transaction is not read committed (JD008).';
