"""Whom does a doing concern that names but a number or a row? Its service users, visits and carers, for the audit log.

As whoever does it: what row-level security hides is not named, and then it cannot be done either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.mending import OF_VISITS, ToLookAt, ToMend, find_problems, find_visits

Concerned = Mapping[str, object]
LARGEST = 2**63


def of_rows(connection: Connection, queue: str, known_as: Sequence[str], carers: Iterable[str], *, now: datetime) -> Concerned:
    """Of rows of a queue, and of the carers that were typed into them."""
    rows: Mapping[str, ToMend] | Mapping[str, ToLookAt]
    rows = find_visits(connection, known_as, now=now) if queue in OF_VISITS else find_problems(connection, known_as)
    named = (("visits", "visit_id"), ("service_users", "service_user"), ("carers", "carer"))
    found = {name: {getattr(row, column) for row in rows.values()} for name, column in named}
    found["carers"] |= {carer.strip() for carer in carers}
    return {name: sorted(filter(None, values)) for name, values in found.items()}


def of_entry(connection: Connection, entry: int) -> Concerned:
    """Of an end that was entered by hand."""
    return _of_number(connection, "SELECT service_user, carer FROM entry WHERE entry = %(number)s", ("service_user", "carer"), entry)


def of_report(connection: Connection, number: int) -> Concerned:
    """Of what was reported of a visit."""
    query: LiteralString = """
        SELECT r.visit_id, p.service_user FROM visit_report r LEFT JOIN planned_visit p USING (visit_id) WHERE r.number = %(number)s
    """
    return _of_number(connection, query, ("visit", "service_user"), number)


def of_absence(connection: Connection, number: int) -> Concerned:
    """Of an absence."""
    return _of_number(connection, "SELECT service_user FROM absence WHERE number = %(number)s", ("service_user",), number)


def of_door(connection: Connection, device: str) -> Concerned:
    """Of a carer's own device, or of the reader at a home."""
    query: LiteralString = "SELECT home, carer FROM door WHERE device = %(device)s"
    return _named(("service_user", "carer"), fetch(connection, query, {"device": device.replace("\0", "")}))


def of_brought(connection: Connection, provider: str, visits: Iterable[Mapping[str, object]]) -> Concerned:
    """Of visits of another system: those that are named, and those that stood under the same ids."""
    told = list(visits)
    found = {name: {str(each[name]) for each in told if each.get(name)} for name in ("service_user", "carer")}
    stood = fetch(
        connection,
        "SELECT DISTINCT service_user, carer FROM brought_visit WHERE provider = %(provider)s AND their_id = ANY(%(ids)s::text[])",
        {"provider": provider.replace("\0", ""), "ids": [str(each["their_id"]) for each in told if each.get("their_id")]},
    )
    return {f"{name}s": sorted(found[name] | {row[at] for row in stood if row[at]}) for at, name in enumerate(found)}


def _of_number(connection: Connection, query: LiteralString, names: Sequence[str], number: int) -> Concerned:
    return _named(names, fetch(connection, query, {"number": number if 0 < number < LARGEST else 0}))


def _named(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> Concerned:
    return {name: value for row in rows for name, value in zip(names, row, strict=True) if value is not None}
