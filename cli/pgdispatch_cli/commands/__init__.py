"""The commands: a folder for each group, a file for each command, named like it."""
