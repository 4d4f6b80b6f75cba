"""Connections and the SQL that goes over them; settings, errors and outages of both drivers."""
