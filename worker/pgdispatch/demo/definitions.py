"""The demo's catalogue: what its jobs may work on, as an operator would write it."""

from __future__ import annotations

import json
from pathlib import Path

SUBSET = "(select until from flights.clock)"

EXTRACTS = {
    "All flights": "select * from flights.flights",
    "Flight log": f"select * from flights.flights where time_hour < {SUBSET}",
    "Weather log": f"select * from flights.weather where time_hour < {SUBSET}",
    "Newark": "select * from flights.flights where origin = 'EWR' and month < 4",
    "Kennedy": "select * from flights.flights where origin = 'JFK' and month < 4",
    "LaGuardia": "select * from flights.flights where origin = 'LGA' and month < 4",
    "Planes": "select * from flights.planes",
    "Airports": "select * from flights.airports",
    "Airlines": "select * from flights.airlines",
    "Delays by carrier": (
        "select carrier, month, count(*) as flights, avg(dep_delay) as mean_delay "
        "from flights.flights group by carrier, month"
    ),
    "Delays by hour": (
        "select origin, hour, count(*) as flights, avg(dep_delay) as mean_delay "
        "from flights.flights group by origin, hour"
    ),
    "Busiest routes": (
        "select origin, dest, count(*) as flights, sum(distance) as miles "
        "from flights.flights group by origin, dest"
    ),
}
WATERMARKS = {"Flight log": "time_hour", "Weather log": "time_hour"}

FLOWS = {
    "Flights and weather": [
        "create table flights_weather as select f.*, w.temp, w.wind_speed, w.precip, w.visib "
        "from flights.flights as f join flights.weather as w using (origin, time_hour) "
        "where f.month <= 3",
        "create index on flights_weather (origin, time_hour)",
    ],
    "Fleet use": [
        "create table fleet_use as select p.manufacturer, p.model, count(*) as flights, "
        "sum(f.air_time) as minutes from flights.flights as f join flights.planes as p "
        "using (tailnum) group by p.manufacturer, p.model",
    ],
}
RESULTS = {"Flights and weather": "flights_weather", "Fleet use": "fleet_use"}

ALERTS = {
    "Late departures": ("select avg(dep_delay) from flights.flights where month = 7", "above", 15),
    "No wind": ("select max(wind_speed) from flights.weather where month = 2", "below", 5),
    "Broken alert": ("select 1 / (count(*) - count(*)) from flights.flights", "above", 0),
}

SUBSCRIPTIONS = {
    "Carrier report": [
        (
            "Departures by carrier",
            "select a.name, count(*) as flights, round(avg(f.dep_delay), 1) as mean_delay "
            "from flights.flights as f join flights.airlines as a using (carrier) "
            "group by a.name order by mean_delay desc",
        ),
    ],
    "Airport report": [
        (
            "Busiest destinations",
            "select a.name, count(*) as flights from flights.flights as f "
            "join flights.airports as a on a.faa = f.dest group by a.name "
            "order by flights desc limit 20",
        ),
    ],
    "Report on demand": [
        (
            "Cancelled flights by month",
            "select month, count(*) filter (where dep_time is null) as cancelled "
            "from flights.flights group by month order by month",
        ),
    ],
}


def write(path: Path, *, dsn: str, storage: Path, mail_port: int) -> None:
    """Write the catalogue file (TOML) for a source database, a storage folder and a mail port."""
    lines = [
        f"[storage]\nfolder = {_text(str(storage))}\n",
        f"[source.flights]\ndsn = {_text(dsn)}\n",
        f'[mail]\nhost = "127.0.0.1"\nport = {mail_port}\nsender = "pgdispatch@example.com"\n',
    ]
    for name, query in EXTRACTS.items():
        watermark = f"watermark = {_text(WATERMARKS[name])}\n" if name in WATERMARKS else ""
        lines.append(
            f'[extract.{_text(name)}]\nsource = "flights"\nquery = {_text(query)}\n{watermark}'
        )
    for name, steps in FLOWS.items():
        result = _text("flights." + RESULTS[name])
        lines.append(
            f'[flow.{_text(name)}]\nsource = "flights"\nresult = {result}\n'
            f"steps = [{', '.join(map(_text, steps))}]\n"
        )
    for name, (query, condition, limit) in ALERTS.items():
        lines.append(
            f'[alert.{_text(name)}]\nsource = "flights"\nquery = {_text(query)}\n'
            f'{condition} = {limit}\nrecipients = ["operations@example.com"]\n'
        )
    for name, sections in SUBSCRIPTIONS.items():
        body = ", ".join(
            f"{{heading = {_text(heading)}, query = {_text(query)}}}" for heading, query in sections
        )
        lines.append(
            f'[subscription.{_text(name)}]\nsource = "flights"\ntitle = {_text(name)}\n'
            f'sections = [{body}]\nrecipients = ["readers@example.com"]\n'
        )
    path.write_text("\n".join(lines), encoding="utf-8")


def _text(value: str) -> str:
    return json.dumps(value)  # a TOML basic string has the escapes of JSON
