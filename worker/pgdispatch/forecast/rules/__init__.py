"""The rules of dispatch, played on in memory: what starts when, given how long jobs run."""
