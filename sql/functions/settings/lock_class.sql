/*
 * The classes of the advisory locks, by name: the first of each lock's two keys. schema.sql says in
 * which order they are taken. Former versions use the same numbers: none changes, and none that has
 * gone (112, 118) comes back.
 * It costs nothing: PostgreSQL puts the number in place of the call when it plans. A name that is
 * not listed is an error, as null would be no lock.
 */
create or replace function pgdispatch.lock_class(p_name text)
returns integer
language sql
immutable
as $$
    select case p_name
        when 'gate' then 1885824105               -- of a gate's name
        when 'due' then 1885824106                -- making due jobs ready
        when 'installation' then 1885824107       -- installing the schema
        when 'history' then 1885824108            -- rolling the partitions
        when 'clock' then 1885824109              -- a turn of the clock
        when 'task_start' then 1885824110         -- of a task: Run Now is under way
        when 'linked_task_start' then 1885824111  -- of a linked task: likewise
        when 'suspension' then 1885824113         -- of a task
        when 'fire' then 1885824114               -- of a schedule: it is being fired
        when 'backgrounder' then 1885824115       -- of a backgrounder, or a node: it claims
        when 'generations' then 1885824116        -- 0: tending them, sequences; 1: moving jobs
        when 'site_types' then 1885824117         -- changing sites, types or timeouts
        when 'flow_result' then 1885824119        -- of a flow's result, where that is
        when 'delays' then 1885824120             -- of a second: delayed jobs are being written
        when 'configuration' then 1885824121      -- applying a file
        else ('no class of locks: ' || p_name)::integer
    end
$$;

comment on function pgdispatch.lock_class(text) is
'The class of the advisory locks of this name, the first of their two keys.';
