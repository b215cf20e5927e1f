"""What was done with personal data, by whom? A row for each time, in the transaction of what was done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from calltime_server.rights import Person
from calltime_server.store.connection import Connection, execute


def note_doing(
    connection: Connection, who: Person, did: str, about: Mapping[str, object], *, now: datetime, token: int | None = None
) -> None:
    """Note it. `did` is a fixed phrase such as "looked at visits"; `about` names what: references, days, numbers."""
    execute(
        connection,
        """
        INSERT INTO audit (at, person, token, name, role, provider, did, about)
        VALUES (%(now)s, %(person)s, %(token)s, %(name)s, %(role)s, %(provider)s, %(did)s, %(about)s)
        """,
        {
            "now": now,
            "person": who.id,
            "token": token,
            "name": who.name,
            "role": who.role.value,
            "provider": who.provider,
            "did": did,
            "about": json.dumps(about, default=str),
        },
    )
