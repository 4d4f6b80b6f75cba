/* One row for each time that `pgdispatch install` changed this schema. */
create table if not exists pgdispatch.schema_version (
    digest text not null,
    package_version text not null,
    installed_at timestamptz not null default pg_catalog.now(),
    installed_by text not null default session_user
);

comment on table pgdispatch.schema_version is
'What was installed here, and when; the newest row is what is in force.';
comment on column pgdispatch.schema_version.digest is 'SHA-256 over all SQL files installed.';
comment on column pgdispatch.schema_version.package_version is 'Version of the Python package.';
comment on column pgdispatch.schema_version.installed_at is 'When it was installed.';
comment on column pgdispatch.schema_version.installed_by is 'The database user who did it.';
