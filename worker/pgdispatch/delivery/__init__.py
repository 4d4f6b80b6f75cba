"""How notices reach people: the targets of a node's configuration file, webhooks and mail.

It imports nothing that is heavy, and no driver of a database: backgrounders load it.
"""

SITE = "pgdispatch-notices"  # whose jobs deliver; the first notice makes it
