"""An application server: a node's health and metrics over HTTP."""
