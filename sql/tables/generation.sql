/*
 * Where dispatch looks for ready jobs. The last row counts; rows are appended, never updated.
 *
 * The naive way walks the index of ready jobs from its left end. While anybody holds a snapshot,
 * what has been started stays there as dead entries, and each claim walks past all of them: claims
 * slow down with all the work done since. Remembering how far one has come is wrong, too, since a
 * better job may be added behind that point.
 *
 * So a ready job carries a generation, which leads the index. New ready jobs get the open one.
 * When the head of the open generation has become slow to find, tend_generations opens another;
 * once every transaction that may still write the older one has ended, that is closed: jobs only
 * leave it. So its floor, any lower bound of its jobs ever seen, stays true for ever, and dispatch
 * looks at two heads: that of the older generation from its floor, and that of the open one.
 */
create sequence if not exists pgdispatch.ready_generation;

comment on sequence pgdispatch.ready_generation is
'The generation that jobs get when they become ready. Moves at once, not at commit.';

create table if not exists pgdispatch.generation (
    id bigint generated always as identity primary key,
    step text not null,
    open integer not null,
    older integer,
    floor_precedence smallint,
    floor_priority smallint,
    floor_queued_at timestamptz,
    floor_type_rank smallint,
    floor_tie_first double precision,
    floor_tie_second double precision,
    floor_id bigint,
    constraint generation_step_check check (
        step in ('steady', 'announced', 'turning', 'closing', 'behind')
    )
);

comment on table pgdispatch.generation is
'Where dispatch looks for ready jobs; the last row counts. Written by claims, appended only.';
comment on column pgdispatch.generation.id is 'Counts the rows.';
comment on column pgdispatch.generation.step is
'steady; announced, turning: claims learn of the open generation, jobs still get the older one; '
'closing: those who may still write the older one are being waited for; '
'behind: the sequence was, and those who may have used it are being waited for.';
comment on column pgdispatch.generation.open is 'The generation of jobs that become ready.';
comment on column pgdispatch.generation.older is
'The generation before, as long as jobs are left in it; closed when the step is steady.';
comment on column pgdispatch.generation.floor_precedence is
'No job of the older generation comes before this place in the order: precedence';
comment on column pgdispatch.generation.floor_priority is '… priority';
comment on column pgdispatch.generation.floor_queued_at is '… queued_at';
comment on column pgdispatch.generation.floor_type_rank is '… type_rank';
comment on column pgdispatch.generation.floor_tie_first is '… tie_first';
comment on column pgdispatch.generation.floor_tie_second is '… tie_second';
comment on column pgdispatch.generation.floor_id is '… id.';

do $$
begin
    if not exists (select from pgdispatch.generation) then
        perform setval('pgdispatch.ready_generation', 1);
        insert into pgdispatch.generation (step, open) values ('steady', 1);
    end if;
end $$;
