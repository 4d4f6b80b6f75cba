/*
 * From 0.1.0: each installation notes how far it has come and which workers it serves. What was
 * there before counts as installed before all steps, and as serving level 1.
 * Locks: schema_version, which is read when a node or a command starts.
 */
alter table pgdispatch.schema_version
    add column step integer not null default 0,
    add column level integer not null default 1,
    add column oldest_level integer not null default 1;

comment on column pgdispatch.schema_version.step is
'Number of the last file of sql/versions that these tables include.';
comment on column pgdispatch.schema_version.level is
'What its own workers and commands expect of a schema.';
comment on column pgdispatch.schema_version.oldest_level is
'Workers and commands of this level and later ones are served, older ones refuse.';
