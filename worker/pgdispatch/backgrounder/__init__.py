"""One background process: its handlers, and the job in hand."""
