"""Which day, whose visits and which outcomes does somebody ask for?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from calltime_server.faults import Fault
from calltime_server.store.connection import Connection, fetch
from calltime_server.visits.civil_day import day_of

OUTCOMES = ("pay", "park", "refuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`day` is None while nothing is planned at all; `provider` and `outcome` are None for all. `providers` can be asked for."""

    day: date | None
    provider: str | None
    outcome: str | None
    providers: tuple[str, ...]


def read_asked(connection: Connection, *, day: str | None, provider: str | None, outcome: str | None) -> Asked | Fault:
    """Read three texts as they stand in an address; an empty one is not given. Without a day it is the latest with planned visits."""
    providers = list_providers(connection)
    chosen = _read_day(day) if day else latest_planned_day(connection)
    if isinstance(chosen, Fault):
        return chosen
    if provider and provider not in providers:
        says = f"No visit is planned for a provider “{provider[:40]}”. Write the reference that stands in the plan, or none."
        return Fault(line=None, column="provider", says=says)
    if outcome and outcome not in OUTCOMES:
        says = f"“{outcome[:40]}” is not an outcome. Write pay, park or refuse, or leave it out for all three."
        return Fault(line=None, column="outcome", says=says)
    return Asked(day=chosen, provider=provider or None, outcome=outcome or None, providers=providers)


def latest_planned_day(connection: Connection) -> date | None:
    """The latest day in London on which a visit is planned."""
    latest = fetch(connection, "SELECT max(planned_start) FROM planned_visit", {})[0][0]
    return day_of(latest) if latest else None


def list_providers(connection: Connection) -> tuple[str, ...]:
    """All providers that ever had a planned visit, by reference."""
    rows = fetch(
        connection,
        """
        WITH RECURSIVE named AS (
            -- From name to name by the index: of millions of visits, one of each provider is looked at.
            (SELECT provider FROM planned_visit ORDER BY provider LIMIT 1)
            UNION ALL
            SELECT (SELECT p.provider FROM planned_visit p WHERE p.provider > named.provider ORDER BY p.provider LIMIT 1)
            FROM named WHERE named.provider IS NOT NULL
        )
        SELECT provider FROM named WHERE provider IS NOT NULL
        """,
        {},
    )
    return tuple(provider for (provider,) in rows)


def _read_day(text: str) -> date | Fault:
    try:
        return date.fromisoformat(text if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else "")
    except ValueError:
        says = f"“{text[:40]}” is not a day. Write year, month and day, as in 2026-10-05; years from 2000 to 2099 are known."
        return Fault(line=None, column="day", says=says)
