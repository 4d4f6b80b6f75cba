"""The operator's catalogue: a TOML file with data sources and the definitions that jobs name.

    [storage]
    folder = "/var/lib/pgdispatch/files"       # relative: to the catalogue's own folder

    [source.flights]
    dsn = "host=db1 dbname=flights"            # or dsn_env = "FLIGHTS_DSN"

    [extract."flights by day"]
    source = "flights"
    query = "select * from flights.flights"
    watermark = "time_hour"                    # for incremental_extract; only grows
    batch_rows = 10000
    sites = ["default"]                        # any definition; left out: every site

    [flow."joined flights"]
    source = "flights"
    result = "flights.joined"                  # built aside by the steps as "joined"
    steps = ["create table joined as select …", "create index on joined (…)"]
                                               # or tables: {name = "join", sql = "…"}
    [alert."late departures"]
    source = "flights"
    query = "select avg(dep_delay) from flights.flights"
    above = 60                                 # at_least, below, at_most, equals, differs_from
    recipients = ["ops@example.com"]           # optional, with subject

    [subscription."daily report"]
    source = "flights"
    title = "Flights of the day"
    sections = [{heading = "By carrier", query = "select …", limit = 100}]
    recipients = ["team@example.com"]          # left out: the report is only written
    template = "report.html"                   # optional, Jinja2

    [mail]
    host = "localhost"
    port = 25
    sender = "pgdispatch@example.com"          # optional: user, password_env, starttls, timeout

    [housekeeping]
    partials_for_hours = 24
    reports_for_days = 30

Every query is the operator's own SQL. Unknown keys are refused.
"""

from __future__ import annotations

from pgdispatch.handlers.catalogue.catalogue import Catalogue, definition_for
from pgdispatch.handlers.catalogue.reader import load_catalogue

__all__ = ["Catalogue", "definition_for", "load_catalogue"]
