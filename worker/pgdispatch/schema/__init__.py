"""Install the schema, upgrade it, and compare it with what it should be."""
