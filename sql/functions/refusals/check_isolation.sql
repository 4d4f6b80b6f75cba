/*
 * Refuses a transaction that does not see what rivals commit while it runs, and one that may not
 * write. Either may be the default of a database or a user.
 */
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
            hint = 'begin with: begin isolation level read committed; the default is the setting '
                'default_transaction_isolation';
    elsif current_setting('transaction_read_only')::boolean and not pg_is_in_recovery() then
        raise exception using
            errcode = 'read_only_sql_transaction',
            message = 'this cannot be done in a read-only transaction',
            hint = 'begin with: begin read write; the default is the setting '
                'default_transaction_read_only';
    end if;
    return true;
end
$$;

comment on function pgdispatch.check_isolation() is
'Refuses a caller whose transaction is not read committed (JD008), or read-only (25006).';
