"""Does a run come out the same, if everything that it was made from is settled again?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from calltime_server.jobs.settle_days import digest_of_lines
from calltime_server.payment.inputs import digests_of
from calltime_server.payment.spanning import settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.store.connection import Connection
from calltime_server.store.inputs import read_inputs
from calltime_server.store.runs import read_run_facts
from calltime_server.store.settlements import Recorded, read_terms_text, settlements_of
from calltime_server.visits.civil_day import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Whether every settlement of the run came out as it was written, and a sentence about each."""

    same: bool
    says: tuple[str, ...]


def check_run(connection: Connection, run: int) -> Checked:
    """Settle again each settlement that added to the run, as everything was known then. Raises RunRefused: there is no such run."""
    read_run_facts(connection, run)
    wrong, says = False, []
    for recorded in settlements_of(connection, run):
        differs = list(_differences(connection, recorded))
        wrong = wrong or bool(differs)
        days = f"{day_of(recorded.start):%-d %B %Y} to {day_of(recorded.end - timedelta(milliseconds=1)):%-d %B %Y}"
        says.append(f"Settlement {recorded.settlement}, {days}: {' '.join(differs) or 'the same, from the same inputs.'}")
    return Checked(same=not wrong, says=tuple(says) or (f"Run {run} has no settlement that could be checked.",))


def _differences(connection: Connection, recorded: Recorded) -> Iterator[str]:
    terms = tuple(_terms(connection, sha256) for sha256 in recorded.terms)
    known = tuple(each for each in terms if isinstance(each, Terms))
    if len(known) < len(terms):
        yield from (each for each in terms if isinstance(each, str))
        return
    inputs = read_inputs(
        connection, start=recorded.start, end=recorded.end, terms=known, known_by=recorded.settled_at, settlement=recorded.settlement
    )
    now = digests_of(inputs)
    changed = [name for name in {**recorded.inputs, **now} if recorded.inputs.get(name) != now.get(name)]
    if changed:
        yield f"what went in is not what it was: {', '.join(changed)}. Something that it rested on was changed or has left the record."
    settled = settle_inputs(inputs, start=recorded.start, end=recorded.end, terms=known, known_by=recorded.settled_at)
    again = digest_of_lines(settled, known)
    if again != recorded.digest:
        yield "what comes out is not what was written" + ("." if changed else ", from the same inputs: this version calculates otherwise.")


def _terms(connection: Connection, sha256: str) -> Terms | str:
    found = read_terms_text(connection, sha256)
    if found is None:
        return f"the terms {sha256[:12]}… are not kept here."
    terms = load_terms(found[1], name=found[0])
    return terms if isinstance(terms, Terms) else f"this version no longer takes the terms {found[0]}: {terms[0].says}"
