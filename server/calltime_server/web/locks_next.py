"""What locks next for whoever looks, how much of it is to mend, and is its run approved already? For the banner of the provider's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from calltime_server.rights import Person, Role
from calltime_server.store.compliance import Deadline, read_deadline
from calltime_server.store.connection import Connection
from calltime_server.store.locking import bound_since, read_lock
from calltime_server.store.mending import count_queues
from calltime_server.store.periods import PayPeriod, list_periods


@dataclass(frozen=True, slots=True, kw_only=True)
class LocksNext:
    """`deadline` None: no lock is announced. `to_mend`: rows of days that lock next. `approved`: the latest of their runs that changes no
    more; `asked`: the runs of which the provider is asked to look at its statement.
    """

    deadline: Deadline | None = None
    to_mend: int = 0
    approved: PayPeriod | None = None
    asked: tuple[PayPeriod, ...] = ()


def locks_next_of(connection: Connection, who: Person, *, now: datetime) -> LocksNext:
    """Read it for a provider. Whoever is of the council is bound by no lock and is told nothing here."""
    if who.role is not Role.PROVIDER:
        return LocksNext()
    periods = list_periods(connection)
    asked = tuple(each for each in periods if each.awaits_approval)
    deadline = read_deadline(connection, provider=None, now=now)
    if deadline is None:
        return LocksNext(asked=asked)
    lock = read_lock(connection, now=now)
    queues = count_queues(
        connection, since=bound_since(lock, who), locking=(lock.open_since, lock.next_through), provider=who.provider, now=now
    )
    to_mend = sum(each.locking for each in queues)
    return LocksNext(deadline=deadline, to_mend=to_mend, approved=approved_of(deadline, periods), asked=asked)


def approved_of(deadline: Deadline, periods: tuple[PayPeriod, ...]) -> PayPeriod | None:
    """Of the periods that have days among those that lock next: the latest whose run changes no more."""
    first, last = deadline.first or date.min, deadline.last
    approved = [each for each in periods if each.first_day <= last and each.last_day >= first and not each.changeable]
    return approved[-1] if approved else None
