"""How much of what was planned was given, and what is paid for it: by provider, zone, service and week? From sums that are kept by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from calltime_server.store.connection import Connection, fetch

Key = tuple[str, ...]


class Given(NamedTuple):
    """Counts of carer visits, planned minutes and seconds, as logged_figures has them. There are hundreds, so they are tuples."""

    planned: int = 0
    planned_minutes: int = 0
    made: int = 0
    contact_seconds: int = 0
    electronic: int = 0
    missed: int = 0
    started: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    very_late: int = 0
    short: int = 0
    under_15: int = 0
    under_5: int = 0
    as_planned: int = 0
    over_5: int = 0
    over_15: int = 0
    not_planned: int = 0
    brought: int = 0
    no_start: int = 0
    no_stop: int = 0
    told: int = 0
    missing_seconds: int = 0
    extra_seconds: int = 0


class Paid(NamedTuple):
    """What the standing lines come to, retainers, blocks and budgets included; `parked` counts lines of visits."""

    paid_minutes: int = 0
    parked_minutes: int = 0
    parked: int = 0
    pence: int = 0


class Compared(NamedTuple):
    """Both, for one group: `key` is the provider, zone or service, the Monday of a week, or provider and zone."""

    key: Key
    given: Given = Given()
    paid: Paid = Paid()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variance:
    """The groups of each kind, in the order of their keys."""

    total: Compared
    providers: tuple[Compared, ...]
    zones: tuple[Compared, ...]
    services: tuple[Compared, ...]
    weeks: tuple[Compared, ...]
    provider_zones: tuple[Compared, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Which days (both included), and whose; empty texts are for all."""

    first: date
    last: date
    provider: str = ""
    zone: str = ""
    service: str = ""


def read_variance(connection: Connection, of: Looked) -> Variance:
    """Sum up what whoever asks may see."""
    asked = {"first": of.first, "last": of.last, "provider": of.provider, "zone": of.zone, "service": of.service}
    given = fetch(
        connection,
        """
        SELECT grouping(provider, zone, service, week), provider, zone, service, week::date,
               sum(planned)::bigint, sum(planned_minutes)::bigint, sum(made)::bigint, sum(contact_seconds)::bigint, sum(electronic)::bigint,
               sum(missed)::bigint, sum(started)::bigint, sum(early)::bigint, sum(on_time)::bigint, sum(late)::bigint,
               sum(very_late)::bigint, sum(short)::bigint, sum(under_15)::bigint, sum(under_5)::bigint, sum(as_planned)::bigint,
               sum(over_5)::bigint, sum(over_15)::bigint, sum(not_planned)::bigint, sum(brought)::bigint, sum(no_start)::bigint,
               sum(no_stop)::bigint, sum(told)::bigint, sum(missing_seconds)::bigint, sum(extra_seconds)::bigint
        FROM (
            SELECT provider, zone, service, date_trunc('week', day::timestamp) AS week, sum(planned)::integer AS planned,
                   sum(planned_minutes)::integer AS planned_minutes, sum(made)::integer AS made,
                   sum(contact_seconds)::integer AS contact_seconds, sum(electronic)::integer AS electronic,
                   sum(missed)::integer AS missed, sum(started)::integer AS started, sum(early)::integer AS early,
                   sum(on_time)::integer AS on_time, sum(late)::integer AS late, sum(very_late)::integer AS very_late,
                   sum(short)::integer AS short, sum(under_15)::integer AS under_15, sum(under_5)::integer AS under_5,
                   sum(as_planned)::integer AS as_planned, sum(over_5)::integer AS over_5, sum(over_15)::integer AS over_15,
                   sum(not_planned)::integer AS not_planned, sum(brought)::integer AS brought, sum(no_start)::integer AS no_start,
                   sum(no_stop)::integer AS no_stop, sum(told)::integer AS told, sum(missing_seconds)::integer AS missing_seconds,
                   sum(extra_seconds)::integer AS extra_seconds
            FROM logged_figures
            WHERE day BETWEEN %(first)s AND %(last)s AND (%(provider)s = '' OR provider = %(provider)s)
            AND (%(zone)s = '' OR zone = %(zone)s) AND (%(service)s = '' OR service = %(service)s)
            GROUP BY provider, zone, service, date_trunc('week', day::timestamp)
        ) AS weeks GROUP BY GROUPING SETS ((), (provider), (zone), (service), (week), (provider, zone))
        """,
        asked,
        many=True,
    )
    paid = fetch(
        connection,
        """
        SELECT grouping(provider, zone, service, week), provider, zone, service, week::date,
               sum(paid_minutes)::bigint, sum(parked_minutes)::bigint,
               coalesce(sum(parked), 0)::bigint, sum(pence)::bigint
        FROM (
            SELECT provider, zone, service, date_trunc('week', day::timestamp) AS week, sum(paid_minutes)::integer AS paid_minutes,
                   sum(parked_minutes)::integer AS parked_minutes,
                   sum(lines) FILTER (WHERE outcome = 'park' AND kind = 'visit')::integer AS parked,
                   sum(pence)::integer AS pence
            FROM ledger_figure
            WHERE day BETWEEN %(first)s AND %(last)s AND (%(provider)s = '' OR provider = %(provider)s)
            AND (%(zone)s = '' OR zone = %(zone)s) AND (%(service)s = '' OR service = %(service)s)
            GROUP BY provider, zone, service, date_trunc('week', day::timestamp)
        ) AS weeks GROUP BY GROUPING SETS ((), (provider), (zone), (service), (week), (provider, zone))
        """,
        asked,
        many=True,
    )
    return _arranged(_by_set(given), _by_set(paid))


def latest_day(connection: Connection, *, until: date) -> date | None:
    """The latest day up to this one of which there are figures; None: there are none."""
    rows = fetch(
        connection,
        """
        SELECT greatest((SELECT max(day) FROM logged_figures WHERE day <= %(until)s),
                        (SELECT max(day) FROM ledger_figure WHERE day <= %(until)s))
        """,
        {"until": until},
    )
    found: date | None = rows[0][0]
    return found


# What grouping() gives for each set: a bit for each of provider, zone, service and week that is summed over.
_TOTAL, _PROVIDER, _ZONE, _SERVICE, _WEEK, _PROVIDER_ZONE = 0b1111, 0b0111, 0b1011, 0b1101, 0b1110, 0b0011
_PLACES = {_TOTAL: (), _PROVIDER: (0,), _ZONE: (1,), _SERVICE: (2,), _WEEK: (3,), _PROVIDER_ZONE: (0, 1)}


def _by_set(rows: list[tuple[Any, ...]]) -> dict[int, dict[Key, tuple[int, ...]]]:
    found: dict[int, dict[Key, tuple[int, ...]]] = {which: {} for which in _PLACES}
    for which, *keys_and_sums in rows:
        key = tuple("" if keys_and_sums[place] is None else str(keys_and_sums[place]) for place in _PLACES[which])
        if keys_and_sums[4] is not None:  # the total of nothing
            found[which][key] = tuple(keys_and_sums[4:])
    return found


def _arranged(given: dict[int, dict[Key, tuple[int, ...]]], paid: dict[int, dict[Key, tuple[int, ...]]]) -> Variance:
    def of(which: int) -> tuple[Compared, ...]:
        left, right = given[which], paid[which]
        # Groups of only one of the two have nothing of the other.
        return tuple(Compared(key, Given(*left.get(key, ())), Paid(*right.get(key, ()))) for key in sorted({*left, *right}))

    total = of(_TOTAL)
    return Variance(
        total=total[0] if total else Compared(key=()),
        providers=of(_PROVIDER),
        zones=of(_ZONE),
        services=of(_SERVICE),
        weeks=of(_WEEK),
        provider_zones=of(_PROVIDER_ZONE),
    )


def share_of(part: int, whole: int) -> int | None:
    """In hundredths of a per cent, halves up; None of nothing."""
    return (part * 20_000 + whole) // (2 * whole) if whole else None
