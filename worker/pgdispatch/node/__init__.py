"""The supervisor of one node: its turns, its processes, and what else it looks after."""
