/*
 * Settings have a default beside their value, and job types say whether they come with the package;
 * sql/rows fills both in. Locks: setting and job_type, for a moment.
 */
alter table pgdispatch.setting add column default_value text not null default '';
alter table pgdispatch.setting alter column default_value drop default;
alter table pgdispatch.job_type add column is_built_in boolean not null default false;

comment on column pgdispatch.setting.default_value is
'The value that it has unless you change it; comes with the package.';
comment on column pgdispatch.job_type.is_built_in is
'Whether it comes with the package, and can be neither deleted nor renamed.';
