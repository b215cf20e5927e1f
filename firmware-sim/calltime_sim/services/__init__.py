"""Which real programs run beside a demo or a test? A broker and a database, each a context manager that is gone when we are."""
