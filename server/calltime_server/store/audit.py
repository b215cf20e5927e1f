"""What was done with personal data, by whom? A row for each time, in the transaction of what was done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from calltime_server.rights import Person
from calltime_server.store.connection import Connection, execute

LONGEST = 200
"""Characters of a text that is noted: no reference has more."""
MOST = 50
"""Names that are noted."""
MOST_OF_A_LIST = 2000
"""Parts of a list that are noted: more than the service users of one provider."""
About: TypeAlias = Mapping[str, object] | Callable[[Connection], Mapping[str, object]]
"""What a doing was about, or how that is read where only a number or a row was named."""


def note_doing(connection: Connection, who: Person, did: str, about: About, *, now: datetime, token: int | None = None) -> None:
    """Note it. `did` is a fixed phrase such as "looked at visits"; `about` names what: references, days, numbers.

    Whom it concerns stands under visit, service_user and carer, or as lists under visits, service_users and carers: by these it is found.
    """
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
            "about": json.dumps(_cut(about(connection) if callable(about) else about), default=str),
        },
    )


def _cut(value: object) -> object:
    """As much of what somebody typed as tells what it was."""
    match value:
        case str():
            return value[:LONGEST]
        case Mapping():
            return {str(name)[:LONGEST]: _cut(each) for name, each in islice(value.items(), MOST)}
        case list() | tuple() | set() | frozenset():
            return [_cut(each) for each in islice(value, MOST_OF_A_LIST)]
        case _:
            return value
