"""The live screen of `pgdispatch top`: what runs, what waits and why, in a terminal.

`reading` asks, `panes` says which columns there are, `words` in which words, and `lines` lays them
out. `once` prints that; `app` shows it live, by textual, which nothing else here imports.
"""
