"""What all tests share; the fixtures live in `support`."""

from support.bytecode import share_compiled_modules

share_compiled_modules()
pytest_plugins = ["support.servers.embedded", "support.web.fixtures"]
