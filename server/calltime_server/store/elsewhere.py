"""Would a carer be in two homes at once, by what is about to be entered?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A carer at a home from when to when; `known_as` is the row of a queue that says so."""

    known_as: str
    carer: str
    home: str
    began: datetime
    ended: datetime

    def meets(self, other: Stay) -> bool:
        """Whether the carer would be at both homes at once."""
        return self.carer == other.carer and self.home != other.home and self.began < other.ended and self.ended > other.began


def find_elsewhere(connection: Connection, stays: Sequence[Stay]) -> dict[str, tuple[Stay, ...]]:
    """By the row of each of these stays, which are not written yet: where else its carer would be in that time.

    By the visit log, as far as whoever asks may see it, and by the other stays.
    """
    rows = fetch(
        connection,
        """
        SELECT s.known_as, v.carer, v.service_user, coalesce(v.started, v.ended), coalesce(v.ended, v.started)
        FROM unnest(%(rows)s::text[], %(carers)s::text[], %(homes)s::text[], %(begins)s::timestamptz[], %(ends)s::timestamptz[])
             AS s (known_as, carer, home, began, ended)
        JOIN logged_visit v ON v.carer = s.carer AND v.service_user <> s.home
             AND v.day BETWEEN (s.began AT TIME ZONE 'Europe/London')::date - 1 AND (s.ended AT TIME ZONE 'Europe/London')::date
             AND coalesce(v.started, v.ended) < s.ended AND coalesce(v.ended, v.started) > s.began
        ORDER BY 4
        """,
        {
            "rows": [each.known_as for each in stays],
            "carers": [each.carer for each in stays],
            "homes": [each.home for each in stays],
            "begins": [each.began for each in stays],
            "ends": [each.ended for each in stays],
        },
    )
    known = [(row[0], Stay(known_as="", carer=row[1], home=row[2], began=row[3], ended=row[4])) for row in rows]
    beside = [(each.known_as, other) for each in stays for other in stays if each.meets(other)]
    return {each.known_as: tuple(stay for name, stay in (*known, *beside) if name == each.known_as) for each in stays}
