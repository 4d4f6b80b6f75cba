"""What is in `project` is an application's own: its tests are run as it would run them."""

collect_ignore = ["project"]
