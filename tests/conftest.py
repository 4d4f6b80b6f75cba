"""What all tests share; the fixtures live in `support`."""

pytest_plugins = ["support.servers"]
