/* What everybody may do: nothing. */
revoke all on schema pgdispatch from public;
revoke all on all tables in schema pgdispatch from public;
revoke all on all functions in schema pgdispatch from public;
