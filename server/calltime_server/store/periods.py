"""Which pay periods were opened and closed, and into which run goes what is settled for a day?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.roles import folded
from calltime_server.store.rows import as_values
from calltime_server.store.strays import read_strays
from calltime_server.visits.civil_day import span_of

CHANGEABLE = ("draft", "with_provider")
"""States in which a run still takes in what is settled for its period."""


class NoOpenPeriod(RuntimeError):
    """There is news of a period that can no longer change, and no open one to carry it; the message says what to do."""


class PeriodRefused(ValueError):
    """A period cannot be opened or closed; the message says why, and what next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPeriod:
    """A pay period, both days included, with its run and that run's state. `closed_at` is None while it is open."""

    first_day: date
    last_day: date
    run: int
    state: str
    closed_at: datetime | None

    @property
    def changeable(self) -> bool:
        """Whether news of its days still goes into its own run."""
        return self.closed_at is None and self.state in CHANGEABLE

    @property
    def awaits_approval(self) -> bool:
        """Whether its run was sent: providers are asked to look at their statements, and an approver to approve it."""
        return self.closed_at is None and self.state == "with_provider"


def list_periods(connection: Connection) -> tuple[PayPeriod, ...]:
    """All pay periods, by their first day."""
    rows = fetch(
        connection,
        """
        SELECT first_day, last_day, run, coalesce((SELECT state FROM run_state WHERE run_state.run = pay_period.run
                                                   ORDER BY number DESC LIMIT 1), 'draft'), closed_at
        FROM pay_period LEFT JOIN period_closed USING (first_day) ORDER BY first_day
        """,
        {},
    )
    return as_values(PayPeriod, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When a run was begun, and by whom its pay period was opened and closed. Without a period it was begun by a settlement."""

    begun_at: datetime
    opened_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    why_closed: str | None


def read_life(connection: Connection, run: int) -> Life:
    """The beginning and the end of a run that there is."""
    rows = fetch(
        connection,
        """
        SELECT coalesce(opened_at, settled_at), opened_by, closed_at, closed_by, period_closed.why
        FROM payment_run LEFT JOIN pay_period USING (run) LEFT JOIN period_closed ON period_closed.first_day = pay_period.first_day
        WHERE run = %(run)s
        """,
        {"run": run},
    )
    return as_values(Life, rows)[0]


def run_of_day(connection: Connection, day: date) -> int | None:
    """The run of the pay period of that day; None: none was opened."""
    rows = fetch(connection, "SELECT run FROM pay_period WHERE %(day)s BETWEEN first_day AND last_day", {"day": day})
    return int(rows[0][0]) if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """The periods, asked for the run of a day."""

    periods: tuple[PayPeriod, ...]

    def run_of(self, day: date) -> int | None:
        """The run into which news of a day goes. None: no pay period was opened for that day. Raises NoOpenPeriod."""
        own = next((period for period in self.periods if period.first_day <= day <= period.last_day), None)
        if own is None:
            return None
        carries = next((period for period in self.periods if period.first_day >= own.first_day and period.changeable), None)
        if carries is None:
            raise NoOpenPeriod(
                f"There is news of {day:%-d %B %Y}, and the run of its pay period ({own.first_day:%-d %B %Y} to {own.last_day:%-d %B %Y}) "
                f"is {'closed' if own.closed_at else own.state}: it does not change any more. No later period is open to carry the "
                "difference, so nothing was written. Open the next pay period, then settle again."
            )
        return carries.run


def posting(connection: Connection) -> Posting:
    """Read the periods to post by."""
    return Posting(periods=list_periods(connection))


def open_period(connection: Connection, *, first_day: date, last_day: date, by: str, now: datetime, person: int | None = None) -> PayPeriod:
    """Open a pay period and begin its run. Raises PeriodRefused where it would overlap another, or leave a gap.

    `person` is the number of the account that does it, if one does.
    """
    if not folded(by):
        raise PeriodRefused("Say who opens the period, in words that can be read.")
    periods = list_periods(connection)
    before = max((period for period in periods if period.first_day <= last_day), key=lambda each: each.first_day, default=None)
    if last_day < first_day:
        raise PeriodRefused(f"A period cannot end on {last_day:%-d %B %Y} when it begins on {first_day:%-d %B %Y}. Exchange the days.")
    if before is not None and before.last_day >= first_day:
        raise PeriodRefused(
            f"The days overlap the pay period {before.first_day:%-d %B %Y} to {before.last_day:%-d %B %Y}, which is there already. "
            f"The next one begins on {periods[-1].last_day + timedelta(days=1):%-d %B %Y}."
        )
    if periods and first_day != periods[-1].last_day + timedelta(days=1):
        raise PeriodRefused(
            f"The latest pay period ends on {periods[-1].last_day:%-d %B %Y}. Begin on "
            f"{periods[-1].last_day + timedelta(days=1):%-d %B %Y}: a day between two periods would be in no run."
        )
    start, end = span_of(first_day)[0], span_of(last_day)[1]
    run = fetch(
        connection,
        "INSERT INTO payment_run (from_time, to_time, settled_at) VALUES (%(start)s, %(end)s, %(now)s) RETURNING run",
        {"start": start, "end": end, "now": now},
    )[0][0]
    execute(
        connection,
        """
        INSERT INTO pay_period (first_day, last_day, run, opened_by, opened_at, person)
        VALUES (%(first)s, %(last)s, %(run)s, %(by)s, %(now)s, %(person)s)
        """,
        {"first": first_day, "last": last_day, "run": run, "by": by, "now": now, "person": person},
    )
    return PayPeriod(first_day=first_day, last_day=last_day, run=run, state="draft", closed_at=None)


def close_period(connection: Connection, *, first_day: date, by: str, why: str, now: datetime) -> PayPeriod:
    """Close a pay period for good. Raises PeriodRefused with everything that is unfinished."""
    period = next((each for each in list_periods(connection) if each.first_day == first_day), None)
    if period is None:
        raise PeriodRefused(f"No pay period begins on {first_day:%-d %B %Y}. Look it up in the list of periods.")
    if period.closed_at is not None:
        raise PeriodRefused(
            f"The pay period from {first_day:%-d %B %Y} was closed on {period.closed_at:%-d %B %Y} already. Nothing was changed."
        )
    if not folded(by) or not folded(why):
        raise PeriodRefused("Nothing was closed: say who does it, and why, in words that can be read.")
    unfinished = _unfinished(connection, period, now=now)
    if unfinished:
        raise PeriodRefused(
            f"The pay period {period.first_day:%-d %B %Y} to {period.last_day:%-d %B %Y} stays open. " + " ".join(unfinished)
        )
    execute(
        connection,
        "INSERT INTO period_closed (first_day, closed_by, why, closed_at) VALUES (%(first)s, %(by)s, %(why)s, %(now)s)",
        {"first": first_day, "by": by, "why": why, "now": now},
    )
    return PayPeriod(first_day=first_day, last_day=period.last_day, run=period.run, state=period.state, closed_at=now)


def _unfinished(connection: Connection, period: PayPeriod, *, now: datetime) -> list[str]:
    says = []
    start, end = span_of(period.first_day)[0], span_of(period.last_day)[1]
    if end > now:
        says.append("It is not over.")
    if period.changeable:
        says.append(f"Its run {period.run} is not approved: send it to the provider, and have it approved.")
    open_visits = fetch(
        connection,
        """
        SELECT count(*) FROM planned_visit WHERE planned_start >= %(start)s AND planned_start < %(end)s
        AND NOT EXISTS (SELECT FROM standing_line WHERE standing_line.visit_id = planned_visit.visit_id)
        """,
        {"start": start, "end": end},
    )[0][0]
    if open_visits:
        says.append(f"{open_visits:,} of its planned visits were never settled: settle its days first.")
    strays = read_strays(connection, start=start, end=end)
    if not strays.is_empty():
        runs = ", ".join(map(str, sorted(set(strays["stands_in"]))))
        says.append(
            f"{strays.height:,} lines of its days were settled before it was opened, and are not in its run but in {runs}: settle its days "
            "again, and they move."
        )
    earlier = [each for each in list_periods(connection) if each.first_day < period.first_day and each.closed_at is None]
    if earlier:
        says.append(f"The period from {earlier[0].first_day:%-d %B %Y} is still open; close that first.")
    return says
