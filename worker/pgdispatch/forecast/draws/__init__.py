"""What nobody knows, drawn anew in each run: how long jobs run, and who starts some by hand."""
