"""Which day, whose visits and which outcomes does the address of a page ask for?"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from calltime_server.faults import Fault
from calltime_server.store.asked import Asked, read_asked
from calltime_server.store.connection import Connection
from calltime_server.web.trouble import Trouble


def read_page(connection: Connection, day: str, provider: str, outcome: str = "") -> Asked:
    asked = read_asked(connection, day=day, provider=provider, outcome=outcome)
    if isinstance(asked, Fault):
        raise Trouble(HTTPStatus.BAD_REQUEST, "This cannot be shown", asked.says)
    return asked


def query_of(asked: Asked, **changed: object) -> str:
    """The part of an address after the question mark that asks the same again."""
    wanted = {"day": asked.day, "provider": asked.provider, "outcome": asked.outcome, **changed}
    return urlencode({name: value for name, value in wanted.items() if value})


def around(asked: Asked) -> tuple[str, str] | None:
    """How the day before and the day after are asked for."""
    if asked.day is None:
        return None
    return query_of(asked, day=asked.day - timedelta(days=1)), query_of(asked, day=asked.day + timedelta(days=1))
