"""What became of a payment run: draft, with provider, approved, exported, paid?

Each change is a row with who, when and why. A run that was approved does not change any more: news goes into the next open period's run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.roles import folded
from calltime_server.store.rows import as_values
from calltime_server.visits.civil_day import day_of

# To which state from which.
STEPS = {
    "draft": ("with_provider",),
    "with_provider": ("draft", "with_provider"),
    "approved": ("with_provider",),
    "exported": ("approved",),
    "paid": ("exported",),
}

SPOKEN = {"draft": "a draft", "with_provider": "with the provider"} | {state: state for state in ("approved", "exported", "paid")}
NEXT = {
    "draft": "Next, it is sent to the provider.",
    "with_provider": "Next, a second person approves it.",
    "approved": "Next, its files are made for the finance system, which exports it.",
    "exported": "Next, when the money has gone, it is noted that it was paid.",
    "paid": "Nothing more becomes of it: late news goes into the next open period.",
}


class RunRefused(ValueError):
    """A run cannot be changed like this; the message says why, and what next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run, the days it is for (both included; of its pay period if it has one), its state, and what it comes to as it stands now.

    `differences` are its reversals of lines of other runs. `approved_on` is None before it was approved.
    """

    run: int
    first_day: date
    last_day: date
    posted_in: date | None
    state: str
    approved_on: date | None
    through: int
    lines: int
    differences: int
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a run's state; `pence` is what it came to then, `person` the account that made it, if one did."""

    state: str
    by: str
    why: str
    at: datetime
    through: int
    pence: int
    person: int | None


def list_runs(connection: Connection, *, run: int | None = None) -> tuple[RunFacts, ...]:
    """All runs, the latest last; or this one, if there is such a run."""
    rows = fetch(
        connection,
        """
        SELECT p.run, (from_time AT TIME ZONE 'Europe/London')::date,
               ((to_time - interval '1 second') AT TIME ZONE 'Europe/London')::date, pay_period.first_day,
               coalesce((SELECT state FROM run_state s WHERE s.run = p.run ORDER BY number DESC LIMIT 1), 'draft'),
               (SELECT (max(at) AT TIME ZONE 'Europe/London')::date FROM run_state s WHERE s.run = p.run AND state = 'approved'),
               own.through, own.lines, own.differences, own.pence
        FROM payment_run p LEFT JOIN pay_period USING (run) CROSS JOIN LATERAL (
            SELECT coalesce(max(through), 0) AS through, coalesce(sum(lines + differences), 0)::bigint AS lines,
                   coalesce(sum(differences), 0)::bigint AS differences, coalesce(sum(pence), 0)::bigint AS pence
            FROM run_figure f WHERE f.run = p.run
        ) AS own
        WHERE p.run = coalesce(%(run)s, p.run) ORDER BY p.run
        """,
        {"run": run},
    )
    return as_values(RunFacts, rows)


def read_run_facts(connection: Connection, run: int) -> RunFacts:
    """One run. Raises RunRefused where there is none."""
    found = list_runs(connection, run=run)
    if not found:
        raise RunRefused(f"There is no run {run}. Look it up in the list of runs.")
    return found[0]


def read_changes(connection: Connection, run: int) -> tuple[Change, ...]:
    """Every change of its state, oldest first."""
    rows = fetch(
        connection,
        "SELECT state, by_role, why, at, through, pence, person FROM run_state WHERE run = %(run)s ORDER BY number",
        {"run": run},
    )
    return as_values(Change, rows)


def change_state(connection: Connection, run: int, *, to: str, by: str, why: str, now: datetime, person: int | None = None) -> RunFacts:
    """Bring a run to another state. Raises RunRefused. The ledger must be locked, so that no line comes in meanwhile.

    `person` is the number of the account that does it; None: somebody at the command line, whom `by` names.
    """
    facts = read_run_facts(connection, run)
    if not folded(by) or not folded(why):
        raise RunRefused(f"Run {run} was not changed: say who does it, and why, in words that can be read.")
    if facts.state not in STEPS[to]:
        needed = " or ".join(SPOKEN[state] for state in STEPS[to])
        raise RunRefused(f"Run {run} is {SPOKEN[facts.state]}. Only a run that is {needed} can become {SPOKEN[to]}. {NEXT[facts.state]}")
    if to == "approved":
        _refuse_own_approval(connection, facts, by=by, person=person)
    execute(
        connection,
        """
        INSERT INTO run_state (run, state, through, pence, by_role, why, at, person)
        VALUES (%(run)s, %(state)s, %(through)s, %(pence)s, %(by)s, %(why)s, %(now)s, %(person)s)
        """,
        {
            "run": run,
            "state": to,
            "through": facts.through,
            "pence": facts.pence,
            "by": by,
            "why": why,
            "now": now,
            "person": person,
        },
    )
    return replace(facts, state=to, approved_on=day_of(now) if to == "approved" else facts.approved_on)


def _refuse_own_approval(connection: Connection, facts: RunFacts, *, by: str, person: int | None) -> None:
    """A second person approves, and nothing but what the provider was shown. One account is one person, whatever its name is."""
    sent = [change for change in read_changes(connection, facts.run) if change.state == "with_provider"]
    opened = fetch(connection, "SELECT opened_by, person FROM pay_period WHERE run = %(run)s", {"run": facts.run})
    makers = {*((folded(change.by), change.person) for change in sent), *((folded(role), who) for role, who in opened)}
    if any(folded(by) == name or (person is not None and person == who) for name, who in makers):
        raise RunRefused(
            f"Run {facts.run} was opened or sent by {by}, and you cannot approve it as well: public money needs two people. "
            "Let somebody else approve it, in their own name."
        )
    if sent[-1].through != facts.through:
        raise RunRefused(
            f"Run {facts.run} has changed since the provider was shown it: entries were added, and it came to "
            f"{pounds(sent[-1].pence)} then and comes to {pounds(facts.pence)} now. Send it again, then approve it."
        )


def pounds(pence: int) -> str:
    """An amount as sentences have it: £1,234.05."""
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"
