"""Who did what, when, and about whom? Read by those whom row-level security lets see it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from calltime_server.store.audit import LONGEST
from calltime_server.store.connection import Connection, fetch
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import span_of

ABOUT = ("visit", "service_user", "carer", "provider", "day", "run", "person")
"""By which names entries are asked for about whom or what they were."""
TYPED = ("q", "text", "sought")
"""Under which names a doing notes the reference that somebody typed, whatever it was of."""
_OF_PEOPLE = ("visit", "service_user", "carer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries. `about` is a name of ABOUT and its value, `visits` what counts as about the same; `who` a part of the name."""

    first: date | None = None
    last: date | None = None
    who: str = ""
    did: str = ""
    about: tuple[str, str] | None = None
    visits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One doing. `token`: it was done by a program, whose name stands in `name`."""

    number: int
    at: datetime
    person: int | None
    token: int | None
    name: str
    role: str
    provider: str | None
    did: str
    about: dict[str, Any]


def read_entries(connection: Connection, wanted: Wanted, *, before: int | None = None, limit: int) -> tuple[Entry, ...]:
    """The latest first, older than the one with the number `before`."""
    # Either index alone finds few rows: that of `about` where it is asked for, else the primary key from the end.
    query = """
        SELECT number, at, person, token, name, role, provider, did, about FROM audit
        WHERE (%(before)s::bigint IS NULL OR number < %(before)s)
          AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
          AND (%(who)s = '' OR strpos(lower(name), lower(%(who)s)) > 0)
          AND (%(did)s = '' OR did = %(did)s)
          AND (%(about)s::jsonb IS NULL OR about @> %(about)s::jsonb OR about @> %(as_number)s::jsonb
               OR about @> %(in_list)s::jsonb OR about @> %(as_q)s::jsonb OR about @> %(as_text)s::jsonb OR about @> %(as_sought)s::jsonb
               OR left(about ->> 'visit', 200) = ANY (%(visits)s::text[]))
        ORDER BY number DESC LIMIT %(limit)s
    """
    name, value = wanted.about or ("", "")
    value = value.replace("\0", "")[:LONGEST]
    values = {
        "before": before,
        "since": span_of(wanted.first)[0] if wanted.first else None,
        "until": span_of(wanted.last)[1] if wanted.last else None,
        "who": wanted.who.replace("\0", ""),
        "did": wanted.did.replace("\0", ""),
        "about": json.dumps({name: value}) if name else None,
        "as_number": json.dumps({name: int(value)}) if name and value.isascii() and value.isdigit() and len(value) < 16 else None,
        "in_list": json.dumps({f"{name}s": [value]}) if name in _OF_PEOPLE else None,
        **{f"as_{typed}": json.dumps({typed: value}) if name in _OF_PEOPLE else None for typed in TYPED},
        "visits": [visit[:LONGEST] for visit in wanted.visits],
        "limit": limit,
    }
    return as_values(Entry, fetch(connection, query, values))


def read_deeds(connection: Connection) -> tuple[str, ...]:
    """Every phrase by which something was noted, by a loose scan of their index: there are few, and many rows of each."""
    rows = fetch(
        connection,
        """
        WITH RECURSIVE deed AS (
            (SELECT did FROM audit ORDER BY did LIMIT 1)
            UNION ALL
            SELECT (SELECT a.did FROM audit a WHERE a.did > deed.did ORDER BY a.did LIMIT 1) FROM deed WHERE deed.did IS NOT NULL
        ) SELECT did FROM deed WHERE did IS NOT NULL
        """,
        {},
    )
    return tuple(did for (did,) in rows)


def wanted_by(
    database: OfficeDatabase, *, first: date | None, last: date | None, who: str, did: str, about: tuple[str, str] | None
) -> Wanted:
    """What is asked for; of a service user with the visits, which whoever may read the log may ask for without seeing them."""
    visits: tuple[str, ...] = ()
    if about is not None and about[0] == "service_user":
        with database.as_office() as connection:
            visits = visits_of(connection, about[1])
    return Wanted(first=first, last=last, who=who, did=did, about=about, visits=visits)


def visits_of(connection: Connection, service_user: str, *, limit: int = 5000) -> tuple[str, ...]:
    """The ids of a service user's planned visits, the latest first: entries about one of them are about this person."""
    query = "SELECT visit_id FROM planned_visit WHERE service_user = %(s)s ORDER BY planned_start DESC LIMIT %(limit)s"
    return tuple(visit for (visit,) in fetch(connection, query, {"s": service_user.replace("\0", ""), "limit": limit}))
