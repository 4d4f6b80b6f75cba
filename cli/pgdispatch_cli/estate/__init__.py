"""Configuration as a file: what people have set, written out, and applied again.

`kinds` says what it consists of; `present` reads it from a database, `toml_text` writes it;
`document` reads a file, `plan` compares the two, `applying` writes what differs, `apply` is all of
that in one transaction, `showing` says it.
"""
