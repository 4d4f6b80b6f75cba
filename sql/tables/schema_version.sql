/* One row for each time that `pgdispatch install` changed this schema. */
create table if not exists pgdispatch.schema_version (
    digest text not null,
    package_version text not null,
    installed_at timestamptz not null default pg_catalog.now(),
    installed_by text not null default session_user,
    step integer not null default 0,
    level integer not null default 1,
    oldest_level integer not null default 1
);

alter table pgdispatch.schema_version replica identity full;

comment on table pgdispatch.schema_version is
'What was installed here, and when: a row each time that pgdispatch install changed something. In '
'force is the newest of the rows with the greatest step; a lower step is refused (JD010), and each '
'row is dated after all before it.';
comment on column pgdispatch.schema_version.digest is 'SHA-256 over all SQL files installed.';
comment on column pgdispatch.schema_version.package_version is 'Version of the Python package.';
comment on column pgdispatch.schema_version.installed_at is 'When it was installed.';
comment on column pgdispatch.schema_version.installed_by is 'The database user who did it.';
comment on column pgdispatch.schema_version.step is
'Number of the last file of sql/versions that these tables include.';
comment on column pgdispatch.schema_version.level is
'What its own workers and commands expect of a schema.';
comment on column pgdispatch.schema_version.oldest_level is
'Workers and commands of this level and later ones are served, older ones refuse.';
