/*
 * The console's own login: it learns whom a token stands for, and nothing else. To act as that
 * login it has to be allowed to become it, person by person: grant alice to the_consoles_login.
 */
do $$
begin
    if not exists (select from pg_roles where rolname = 'pgdispatch_token_reader') then
        create role pgdispatch_token_reader nologin;
        comment on role pgdispatch_token_reader is
        'pgdispatch: The console''s own login: it learns whom a token stands for.';
    end if;
exception
    when duplicate_object or unique_violation then
        null; -- somebody else has just made it: roles belong to the whole cluster
end $$;

grant usage on schema pgdispatch to pgdispatch_token_reader;
grant execute on function pgdispatch.token_login(text, bytea) to pgdispatch_token_reader;
