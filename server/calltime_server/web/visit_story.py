"""How did one visit come to its pence? Its lines step by step, the ledger's entries, and the signed taps behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calltime_server.evidence import Unreadable, Verdict, payload_of, verify
from calltime_server.store.connection import Connection
from calltime_server.store.evidence import SignedTap, read_taps_of_visit
from calltime_server.store.forgotten import Forgetting, taps_forgotten
from calltime_server.store.ledger import Entry, read_history, read_standing
from calltime_server.store.told import Entered
from calltime_server.store.untapped import BroughtEnd, brought_ends, entered_ends
from calltime_server.web.actuals import NAMED, REASONS, Outcome
from calltime_server.web.language import N_

HOW = {
    "nfc": N_("at the home’s NFC tag"),
    "qr": N_("at the home’s printed code"),
    "reader": N_("with a badge at the home’s reader"),
    "line": N_("by telephone, from the home’s number with the carer’s PIN"),
    "away": N_("away from home, as the carer said: nothing was touched"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A tap as its door signed it. `counted_as`: the time that the line counts; another than the door's own when that was corrected.
    `how`: what was touched.
    """

    end: str
    tap: SignedTap
    counted_as: datetime
    verdict: Verdict
    how: str
    readable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A standing line (its columns in `row`) with what it rests on: signed taps, and ends that were entered by hand or brought.

    `forgotten`: a tap of it is in the record no more, for its age.
    """

    row: dict[str, Any]
    outcome: Outcome
    reason: str
    evidence: tuple[Evidence, ...]
    entered: tuple[Entered, ...]
    brought: tuple[BroughtEnd, ...]
    forgotten: Forgetting | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStory:
    """Lines that stand, and all entries, oldest first."""

    visit_id: str
    lines: tuple[Line, ...]
    history: tuple[Entry, ...]


def visit_story(connection: Connection, visit_id: str) -> VisitStory | None:
    """Gather it; None: the ledger knows no such visit."""
    history = tuple(read_history(connection, visit_id))
    if not history:
        return None
    taps = read_taps_of_visit(connection, visit_id)
    lines = tuple(_line(connection, taps, row) for row in read_standing(connection, visits=[visit_id]).iter_rows(named=True))
    return VisitStory(visit_id=visit_id, lines=lines, history=history)


def moved_since(story: VisitStory, logged: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the visit log has other ends of this visit, or another reason why it was not made, than its lines rest on."""
    standing = {line.row["carer_no"]: line.row for line in story.lines}
    return any(row["carer_no"] in standing and any(row[name] != standing[row["carer_no"]][name] for name in _RESTS_ON) for row in logged)


_RESTS_ON = ("start_device", "start_seq", "stop_device", "stop_seq", "delivery")


def _line(connection: Connection, known: Mapping[tuple[str, int], SignedTap], row: dict[str, Any]) -> Line:
    ends = (("Start", "start_device", "start_seq", "started"), ("Stop", "stop_device", "stop_seq", "ended"))
    taps = [(end, known.get((row[device], row[seq])), row[at]) for end, device, seq, at in ends if row[device]]
    return Line(
        row=row,
        outcome=NAMED[row["outcome"]],
        reason=REASONS.get(row["reason"], row["reason"].replace("_", " ")),
        # Of a line whose other end is missing not even the end that was tapped is a time that counts.
        evidence=tuple(_evidence(end, tap, at or tap.time) for end, tap, at in taps if tap),
        entered=entered_ends(connection, row),
        brought=brought_ends(connection, row),
        forgotten=taps_forgotten(connection, row, known),
    )


def _evidence(end: str, tap: SignedTap, counted_as: datetime) -> Evidence:
    verdict = verify(tap.jws, alg=tap.alg, public_key=tap.public_key)
    return Evidence(end=end, tap=tap, counted_as=counted_as, verdict=verdict, how=_how(tap.jws), readable=_readable(tap.jws))


def _how(jws: str) -> str:
    """What was touched, as the record says; of one that says it in no way that we know, nothing."""
    try:
        return HOW.get(json.loads(payload_of(jws))["data"]["place"]["via"], "")
    except (Unreadable, ValueError, RecursionError, KeyError, TypeError):
        return ""


def _readable(jws: str) -> str:
    """What was signed, for people to read; as text, whatever it says."""
    try:
        return json.dumps(json.loads(payload_of(jws)), indent=2, ensure_ascii=False)
    except (Unreadable, ValueError, RecursionError):
        return "This record cannot be read."
