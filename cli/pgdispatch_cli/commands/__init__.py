"""The commands, one module for each purpose; `main` says which is where."""
