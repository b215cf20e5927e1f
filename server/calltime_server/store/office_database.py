"""As whom does the office ask the database? As the person who asks: the database itself then shows no more than that role may see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import LiteralString

from calltime_server.rights import Person, Role
from calltime_server.store.connection import Connection, Pool, execute

# Written out, so that no name of a role ever comes from a value.
_AS: dict[Role, LiteralString] = {
    Role.CARER: "SET LOCAL ROLE calltime_carer",
    Role.PROVIDER: "SET LOCAL ROLE calltime_provider",
    Role.OFFICER: "SET LOCAL ROLE calltime_officer",
    Role.APPROVER: "SET LOCAL ROLE calltime_approver",
    Role.AUDITOR: "SET LOCAL ROLE calltime_auditor",
    Role.ADMINISTRATOR: "SET LOCAL ROLE calltime_administrator",
}


class OfficeDatabase:
    """Connections that are kept open between requests. Each use is one transaction: committed when the block ends well."""

    def __init__(self, dsn: str) -> None:
        """Nothing is opened before the first use."""
        self.dsn = dsn
        self._pool = Pool(dsn)

    @contextmanager
    def as_person(self, who: Person) -> Iterator[Connection]:
        """A transaction that sees and changes what this person may: row-level security goes by the role and by these settings."""
        with self._pool.transaction() as connection:
            execute(
                connection,
                """
                SELECT set_config('calltime.person', %(person)s, true), set_config('calltime.provider', %(provider)s, true),
                       set_config('calltime.carer', %(carer)s, true)
                """,
                {"person": str(who.id), "provider": who.provider or "", "carer": who.carer or ""},
            )
            execute(connection, _AS[who.role], {})
            yield connection

    @contextmanager
    def as_office(self) -> Iterator[Connection]:
        """A transaction that sees everything: for signing in, and for the office's own work."""
        with self._pool.transaction() as connection:
            yield connection

    def close(self) -> None:
        """End all connections."""
        self._pool.close()
