"""The machine that a node runs on: its processes, processors, memory, account and streams."""
