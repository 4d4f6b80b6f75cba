"""One background process: its connection, its handlers, and the job in hand."""
