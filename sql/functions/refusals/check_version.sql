/*
 * Trigger: refuses a package whose tables are older than these. Packages that do not look whether
 * the schema is newer come no further: they note their version last, in the one transaction of all
 * that they did, and without a step. And whatever the clock does, the last row is the newest.
 */
create or replace function pgdispatch.check_version()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_newest pgdispatch.schema_version;
begin
    select *
    into v_newest
    from pgdispatch.schema_version
    order by step desc, installed_at desc
    limit 1;
    if new.step < v_newest.step then
        raise exception using
            errcode = 'JD010',
            message = format(
                'the schema pgdispatch is newer than this package: it is of version %s',
                v_newest.package_version
            ),
            detail = format(
                'this is %s; the tables are at step %s, this package knows %s',
                new.package_version, v_newest.step, new.step
            ),
            hint = format(
                case
                    when v_newest.package_version like '%.dev%'
                        then 'nothing was changed; on this machine install a checkout that '
                            'calls itself %s, or a newer one'
                    else 'nothing was changed; on this machine run: '
                        'pip install --upgrade ''pgdispatch>=%s'''
                end,
                v_newest.package_version
            );
    end if;
    new.installed_at := greatest(
        new.installed_at,
        (select max(installed_at) + interval '1 microsecond' from pgdispatch.schema_version)
    );
    return new;
end
$$;

comment on function pgdispatch.check_version() is
'Trigger: refuses the installation of a package that is older than the schema (JD010).';

create or replace trigger check_version
before insert on pgdispatch.schema_version
for each row execute function pgdispatch.check_version();

comment on trigger check_version on pgdispatch.schema_version is
'Refuses the installation of a package that is older than the schema.';
