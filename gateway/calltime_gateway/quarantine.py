"""How is the quarantine told to a person? By reason, as a list, or one message in full with what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from calltime_gateway import printable, quarantine_words
from calltime_gateway.judging import Judged
from calltime_gateway.looking import Heap, SetAside
from calltime_wire.refusals import Reason


def overview(heaps: Sequence[Heap]) -> str:
    """Tell how much there is of each reason."""
    if not heaps:
        return "Nothing is in quarantine."
    rows = [(h.reason, h.messages, h.stored, h.arrivals, h.doors, _moment(h.newest)) for h in heaps]
    hint = "\nNext: calltime-gateway quarantine --reason 'REASON', or --device DEVICE, for the messages."
    return _table(("REASON", "MESSAGES", "STORED SINCE", "ARRIVALS", "DOORS (AS CLAIMED)", "NEWEST"), rows) + hint


def listed(messages: Sequence[SetAside], *, at_most: int) -> str:
    """List messages, a line each."""
    if not messages:
        return "No such message is in quarantine."
    rows = [
        (m.id, m.reason, m.device or "", m.seq or "", len(m.payload), m.times, _moment(m.last_at), "stored since" if m.stored else "open")
        for m in messages
    ]
    more = f"\nThere may be more: these are the latest {at_most}; --lines asks for others." if len(messages) == at_most else ""
    hint = "\nNext: calltime-gateway quarantine NUMBER, for one in full."
    return _table(("NUMBER", "REASON", "DOOR (AS CLAIMED)", "RECORD", "BYTES", "ARRIVALS", "LAST", ""), rows) + more + hint


def in_full(message: SetAside) -> str:
    """Tell everything about one message, safe to print, and what to do with it."""
    known = "This very record was stored since: there is nothing left to do." if message.stored else "This record is not stored."
    claims = f"door {message.device or 'unknown'}, record {message.seq or 'unknown'}. Nothing of this is proved."
    return "\n".join(
        [
            f"Message {message.id}: {message.reason}",
            f"  {printable.text(message.says)}",
            f"It claims: {claims}",
            f"Topic: {printable.text(message.topic)}",
            f"First came {_moment(message.first_at)}, last {_moment(message.last_at)}; arrivals: {message.times}.",
            known,
            "",
            _explained(message.reason),
            "",
            f"Its {len(message.payload):,} bytes, those that are not plain text as \\x1b:",
            printable.raw(message.payload),
        ]
    )


def replayed(new: int, known: int, refused: Counter[str]) -> str:
    """Tell what came of a replay."""
    if not (new or known or refused):
        return "Nothing of that kind waits in quarantine: nothing was taken."
    still = "".join(f"\n  {reason}: {number}" for reason, number in sorted(refused.items()))
    left = f"{refused.total()} refused still, which stay where they are:{still}" if refused else "none refused."
    return f"Taken again: {new} stored now, {known} stored already, {left}"


def reasons(judged: Judged) -> Counter[str]:
    """Count the refusals of a replay by reason."""
    return Counter(refused.reason.value for _, refused in judged.refused)


def _explained(reason: str) -> str:
    try:
        return quarantine_words.section(Reason(reason))
    except ValueError:
        return f"This version knows no reason {reason!r}: a newer gateway wrote it. Look there."


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    lines = [head, *(tuple(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
