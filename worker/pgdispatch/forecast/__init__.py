"""The forecast: a simulation of dispatch over the coming hours, many times, and what it says.

Nothing here decides anything: dispatch never reads a forecast.
"""
