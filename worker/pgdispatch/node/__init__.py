"""The supervisor of one node and what it looks after."""
