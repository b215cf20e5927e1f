"""Who may have made a visit that lacks an end, and who is known to have been there?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from calltime_server.store.connection import Connection, fetch

A_WEEK = timedelta(days=7)


def carers_of(connection: Connection, provider: str) -> tuple[str, ...]:
    """Who works for this provider, or ever did, by reference."""
    rows = fetch(
        connection, "SELECT DISTINCT carer FROM carer_provider WHERE provider = %(provider)s ORDER BY carer", {"provider": provider}
    )
    return tuple(carer for (carer,) in rows)


def seen_carers(connection: Connection, provider: str, days: Sequence[date]) -> tuple[str, ...]:
    """Who made visits of this provider within a week of these days, by reference."""
    if not days:
        return ()
    rows = fetch(
        connection,
        """
        SELECT DISTINCT carer FROM logged_visit WHERE provider = %(provider)s AND day BETWEEN %(first)s AND %(last)s AND carer IS NOT NULL
        ORDER BY carer
        """,
        {"provider": provider, "first": min(days) - A_WEEK, "last": max(days) + A_WEEK},
    )
    return tuple(carer for (carer,) in rows)


def known_carers(connection: Connection, carers: Sequence[str]) -> frozenset[str]:
    """Those of these carers who have worked for somebody, have a badge or a door, or made a visit, as far as whoever asks may see."""
    rows = fetch(
        connection,
        """
        SELECT c FROM unnest(%(carers)s::text[]) AS c WHERE EXISTS (SELECT FROM carer_provider WHERE carer = c)
        OR EXISTS (SELECT FROM badge WHERE carer = c) OR EXISTS (SELECT FROM door WHERE carer = c)
        OR EXISTS (SELECT FROM logged_visit WHERE carer = c)
        """,
        {"carers": list(carers)},
    )
    return frozenset(carer for (carer,) in rows)


def carers_to_type(connection: Connection, provider: str, known: frozenset[str]) -> frozenset[str]:
    """Where it is noted who works for this provider: they, and those of `known` (known_carers, as the provider asked) whom nobody else has.

    Nothing where nobody is noted: then whoever is known may have come. To be asked as the provider.
    """
    noted = carers_of(connection, provider)
    free = fetch(connection, "SELECT c FROM unnest(%(known)s::text[]) AS c WHERE NOT is_anothers_carer(c)", {"known": list(known)})
    return frozenset([*noted, *(carer for (carer,) in free)]) if noted else frozenset()


def carers_at(connection: Connection, visits: Sequence[str]) -> dict[str, frozenset[str]]:
    """Who is known to have been at these planned visits: by the log, and by what was entered for them since."""
    rows = fetch(
        connection,
        """
        SELECT visit_id, array_agg(DISTINCT carer) FROM (
            SELECT visit_id, carer FROM logged_visit WHERE visit_id = ANY(%(visits)s) AND carer IS NOT NULL
            UNION ALL SELECT visit_id, carer FROM entry e WHERE visit_id = ANY(%(visits)s)
            AND NOT EXISTS (SELECT FROM entry_withdrawn w WHERE w.entry = e.entry)
        ) AS there GROUP BY visit_id
        """,
        {"visits": list(visits)},
    )
    return {visit: frozenset(carers) for visit, carers in rows}
