"""The front for Tableau's clients: `tableauserverclient` and `tabcmd`, as they are.

A part of the console's process, below `/api/`, where it is switched on: behind the console's guard,
with its limits, and each request as the person who signed in. It answers what it can answer
truly, as Tableau's REST API would, and refuses the rest with that API's errors.
"""
