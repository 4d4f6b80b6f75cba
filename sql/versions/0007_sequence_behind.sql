/*
 * A step for a sequence of generations that is behind its table, as after a move by logical
 * replication. Locks: generation, against claims, for a moment.
 */
alter table pgdispatch.generation
    drop constraint generation_step_check,
    add constraint generation_step_check check (
        step in ('steady', 'announced', 'turning', 'closing', 'behind')
    );

comment on column pgdispatch.generation.step is
'steady; announced, turning: claims learn of the open generation, jobs still get the older one; '
'closing: those who may still write the older one are being waited for; '
'behind: the sequence was, and those who may have used it are being waited for.';
