"""Connections and the SQL that goes over them; settings and errors of both drivers, and outages."""
