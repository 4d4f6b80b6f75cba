"""The demo: real data, every kind of job, and a check of the order at the end."""
