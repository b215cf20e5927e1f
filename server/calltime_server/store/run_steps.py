"""Which step may a person take with a run, and has it changed since they looked?

What an account does to a run comes through here, from pages and from programs. Sums are never in the messages that webhooks get.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from calltime_server.rights import Person, Right
from calltime_server.store.connection import Connection, fetch
from calltime_server.store.hooks import enqueue
from calltime_server.store.periods import PayPeriod, close_period, open_period
from calltime_server.store.runs import STEPS, RunFacts, RunRefused, change_state, pounds, read_run_facts

Step: TypeAlias = Literal["send", "return", "approve", "paid"]
BECOMES: dict[Step, str] = {"send": "with_provider", "return": "draft", "approve": "approved", "paid": "paid"}
NEEDS: dict[Step, tuple[Right, ...]] = {
    "send": (Right.PREPARE,),
    "return": (Right.PREPARE, Right.APPROVE),
    "approve": (Right.APPROVE,),
    "paid": (Right.EXPORT,),
}
_TOO_LATE = {
    "draft": "a draft: send it to the provider next",
    "with_provider": "with the provider: it is to be approved next",
    "approved": "approved: it is to be exported next",
    "exported": "exported: note that it was paid next",
    "paid": "paid: nothing more becomes of it",
}


class RunMoved(RunRefused):
    """The run is not what the person saw; the message says what it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The run as the person saw it when they decided: its state, its last entry and what it came to."""

    state: str
    through: int
    pence: int


def lock_or_refuse(connection: Connection) -> None:
    """Let no settlement write until this transaction ends. Raises RunRefused at once where one is under way: nobody waits for minutes."""
    if not fetch(connection, "SELECT pg_try_advisory_xact_lock(hashtext('calltime ledger'))", {})[0][0]:
        raise RunRefused("The ledger is being written just now: days are being settled. Nothing was changed. Try again in a minute.")


def may_take(who: Person, facts: RunFacts) -> tuple[Step, ...]:
    """The steps that this person may take with the run as it is."""
    return tuple(
        step for step, becomes in BECOMES.items() if facts.state in STEPS[becomes] and any(who.may(right) for right in NEEDS[step])
    )


def take_step(connection: Connection, run: int, *, step: Step, why: str, seen: Seen | None, who: Person, now: datetime) -> RunFacts:
    """Take it, and tell whoever wants to know. Raises RunRefused, and RunMoved where it is not what was `seen` (None: not looked at)."""
    lock_or_refuse(connection)
    facts = read_run_facts(connection, run)
    if seen is not None and seen != Seen(state=facts.state, through=facts.through, pence=facts.pence):
        raise RunMoved(
            f"Run {run} has changed since you looked at it, so nothing was done: it is now {_TOO_LATE[facts.state]}, and comes to "
            f"{pounds(facts.pence)}. Look at it again, then decide."
        )
    if facts.state not in STEPS[BECOMES[step]]:
        raise RunRefused(f"Run {run} cannot take this step: it is {_TOO_LATE[facts.state]}. Nothing was changed.")
    if not why.strip():
        raise RunRefused("Nothing was changed: say why, in a sentence; it is kept with the run.")
    done = change_state(connection, run, to=BECOMES[step], by=name_of(who), why=why, now=now, person=who.id)
    if step == "approve":
        _tell(connection, "run.approved", done, now=now)
    return done


def note_export(connection: Connection, run: int, *, why: str, by: str, person: int, now: datetime) -> None:
    """Note that the files of an approved run were made. The ledger must be locked."""
    _tell(connection, "run.exported", change_state(connection, run, to="exported", by=by, why=why, now=now, person=person), now=now)


def begin_period(connection: Connection, *, first_day: date, last_day: date, who: Person, now: datetime) -> PayPeriod:
    """Open a pay period. Raises PeriodRefused, or RunRefused where the ledger is being written."""
    lock_or_refuse(connection)
    return open_period(connection, first_day=first_day, last_day=last_day, by=name_of(who), now=now, person=who.id)


def end_period(connection: Connection, *, first_day: date, why: str, who: Person, now: datetime) -> PayPeriod:
    """Close it for good. Raises PeriodRefused, or RunRefused where the ledger is being written."""
    lock_or_refuse(connection)
    return close_period(connection, first_day=first_day, by=name_of(who), why=why, now=now)


def name_of(who: Person) -> str:
    """How the one who does it is named in the ledger for ever: the account's number stands beside it."""
    return f"{who.name} ({who.role.value})"


def _tell(connection: Connection, event: str, facts: RunFacts, *, now: datetime) -> None:
    body = {"run": facts.run, "first_day": facts.first_day.isoformat(), "last_day": facts.last_day.isoformat(), "state": facts.state}
    enqueue(connection, event, body, provider=None, now=now)
