/*
 * A job's log, line by line: what was written while it ran, and what went with the end of an
 * attempt, each line once. A number that is missing is a line that was not kept.
 *
 * The last lines go with the end. If there were others before, the first of these says how many;
 * the node writes that, as it writes a time before each line. What workers in other languages log
 * has neither, unless they write it.
 * Locks: none. Row-level security holds as for the tables: it runs with the caller's rights.
 */
create or replace function pgdispatch.log_lines(
    p_job bigint,
    p_attempt integer default null,
    p_after_attempt integer default 0,
    p_after_line bigint default 0,
    p_last integer default null
)
returns table (
    attempt integer,
    line bigint,
    logged_at timestamptz,
    "text" text
)
language sql
stable
set enable_seqscan = off
as $$
    with ends as (
        select
            e.attempt,
            e.log,
            substring(
                e.log from E'^[[]([0-9]{1,15}) lines before these, see log_lines[]]\n'
            )::bigint as before
        from (
            select h.attempt, h.log
            from pgdispatch.job_history as h
            where h.id = p_job
            union all
            select a.attempt, a.log
            from pgdispatch.attempt as a
            where a.job = p_job
        ) as e
        where e.log is not null
    ),
    pieces as (
        select
            e.attempt,
            coalesce(e.before, 0) + 1 as first_line,
            case when e.before is null then e.log else substring(e.log from E'\n(.*)$') end as lines
        from ends as e
        union all
        select l.attempt, l.first_line, l.lines
        from pgdispatch.job_log as l
        where l.job = p_job
            and (p_attempt is null or l.attempt = p_attempt)
            and (l.attempt, l.last_line) > (p_after_attempt, p_after_line)
            and (
                p_last is null
                or l.last_line > (
                    select max(b.last_line) - p_last
                    from pgdispatch.job_log as b
                    where b.job = p_job
                        and b.attempt = l.attempt
                )
            )
    ),
    found as (
        select distinct on (p.attempt, p.first_line + s.place)
            p.attempt,
            p.first_line + s.place - 1 as line,
            s.line as said
        from pieces as p
        cross join lateral string_to_table(p.lines, E'\n') with ordinality as s (line, place)
        where (p_attempt is null or p.attempt = p_attempt)
            and (p.attempt, p.first_line + s.place - 1) > (p_after_attempt, p_after_line)
        order by p.attempt desc, p.first_line + s.place desc
        limit p_last
    ),
    timed as (
        select
            f.*,
            f.said ~ (
                '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]'
                'T([01][0-9]|2[0-3])(:[0-5][0-9]){2}[.][0-9]{3}Z '
            ) as has_time
        from found as f
    )
    select
        t.attempt,
        t.line,
        case
            when t.has_time then (
                (left(t.said, 7) || '-01')::date + (substr(t.said, 9, 2)::integer - 1)
                + substr(t.said, 12, 12)::time
            ) at time zone 'UTC'
        end,
        case when t.has_time then substr(t.said, 26) else t.said end
    from timed as t
    order by t.attempt, t.line
$$;

comment on function pgdispatch.log_lines(bigint, integer, integer, bigint, integer) is
'The log of a job, of all its attempts or of one, line by line, as far as it was kept: the '
'attempt, the number of the line in it, when it was logged by the clock of the node (null: not '
'known), and the line. Only what comes after a line of an attempt, to follow a job that runs; only '
'the last so many lines. A number that is missing is a line that was not kept.';
