/* A database that cannot store every text: what it lacks is refused, or fails a job at its end. */
select
    'the database is not in UTF-8' as problem,
    format('its encoding is %s', pg_encoding_to_char(encoding)) as evidence,
    'dump it, and restore it into one that is: '
        'create database NAME encoding ''UTF8'' template template0' as advice
from pg_database
where datname = current_database()
    and encoding <> pg_char_to_encoding('UTF8')
