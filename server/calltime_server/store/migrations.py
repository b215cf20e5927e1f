"""How does a database get the schema of this version? Numbered SQL, forward only, run by yoyo (the one file that imports it)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from yoyo import get_backend, read_migrations


def migrate(dsn: str) -> tuple[str, ...]:
    """Bring the database at this libpq URI to the schema of this version, and name the migrations that were applied now.

    Each migration is one transaction; several servers that start together wait for one another.
    """
    backend = get_backend(_as_yoyo_names_it(dsn))
    try:
        migrations = read_migrations(str(Path(str(resources.files("calltime_server") / "schema"))))
        with backend.lock():
            pending = backend.to_apply(migrations)
            backend.apply_migrations(pending)
        return tuple(migration.id for migration in pending)
    finally:
        backend.connection.close()


def _as_yoyo_names_it(dsn: str) -> str:
    scheme, separator, rest = dsn.partition("://")
    if scheme not in ("postgresql", "postgres") or not separator:
        raise ValueError(f"The database must be given as a URI such as postgresql://user@host/name, not as {scheme!r}…")
    return f"postgresql+psycopg://{rest}"
