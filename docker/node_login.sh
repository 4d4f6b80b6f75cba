#!/bin/sh
# Runs once, when the database is made: the login of the nodes, with the rights of a worker only.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'SQL'
\getenv password NODE_PASSWORD
create role pgdispatch_worker nologin;
create role etl_node login password :'password' in role pgdispatch_worker;
SQL
