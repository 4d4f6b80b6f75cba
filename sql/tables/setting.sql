/* Settings of the whole installation. Change one with `update`; it takes effect at once. */
create table if not exists pgdispatch.setting (
    name text primary key,
    value text not null,
    description text not null,
    default_value text not null
);

comment on table pgdispatch.setting is
'Settings of the whole installation; change a value with update, it takes effect at once. Each '
'installation adds what is missing and refreshes descriptions and defaults; a value that is not '
'the default is kept, one that is follows the default of the new version. Settings can be neither '
'deleted nor renamed.';
comment on column pgdispatch.setting.name is 'What is set.';
comment on column pgdispatch.setting.value is 'Its value, as text; a wrong one is refused.';
comment on column pgdispatch.setting.description is 'What it does, and its unit.';
comment on column pgdispatch.setting.default_value is
'The value that it has unless you change it; comes with the package.';
