"""How is a run told to people: what it comes to by outcome, by reason and by provider?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from calltime_server.store.run_differences import Differences
from calltime_server.store.run_figures import Figure
from calltime_server.store.run_lines import Wanted
from calltime_server.visits.told import ENTERED_BY_HAND
from calltime_server.web.actuals import OUTCOMES, REASONS, Outcome
from calltime_server.web.language import N_

STATES = {
    "draft": N_("Draft"),
    "with_provider": N_("With the provider"),
    "approved": N_("Approved"),
    "exported": N_("Exported"),
    "paid": N_("Paid out"),
}
FORMAT_WORDS = {
    "csv": N_("CSV, our own columns"),
    "xlsx": N_("Workbook (Excel, LibreOffice)"),
    "jsonl": N_("JSON lines"),
    "parquet": N_("Parquet"),
    "abacus": N_("Abacus"),
    "controcc": N_("ContrOCC"),
    "adam": N_("adam HTT"),
    "ubl": N_("Self-billing invoices (UBL)"),
}
"""What the files of `handing_over.FORMATS` are called, in the order in which they are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """The lines of a run with one outcome and one reason. `words` is the reason in English."""

    outcome: Outcome
    reason: str
    words: str
    lines: int
    differences: int
    seconds: int
    parked_seconds: int
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """What a provider's lines come to; `counts` are lines in the order of OUTCOMES."""

    provider: str
    counts: tuple[int, ...]
    lines: int
    differences: int
    paid_seconds: int
    pence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """A run as a whole and in parts."""

    counts: tuple[int, ...]
    lines: int
    differences: int
    paid_seconds: int
    planned_seconds: int
    contact_seconds: int
    pence: int
    reasons: tuple[ReasonRow, ...]
    providers: tuple[ProviderRow, ...]


def run_shown(figures: Sequence[Figure]) -> RunShown:
    """Put a run's figures together."""
    return RunShown(
        counts=_counts(figures),
        lines=sum(each.lines for each in figures),
        differences=sum(each.differences for each in figures),
        paid_seconds=60 * sum(each.paid_minutes for each in figures),
        planned_seconds=60 * sum(each.planned_minutes for each in figures if each.kind == "visit"),
        contact_seconds=sum(each.contact_seconds for each in figures),
        pence=sum(each.pence for each in figures),
        reasons=tuple(_reasons(figures)),
        providers=tuple(_provider(name, [each for each in figures if each.provider == name]) for name in _names(figures)),
    )


def _reasons(figures: Sequence[Figure]) -> Iterable[ReasonRow]:
    for outcome in OUTCOMES:
        of = [each for each in figures if each.outcome == outcome.name]
        rows = [
            ReasonRow(
                outcome=outcome, reason=reason, words=said_of(reason), lines=sum(each.lines for each in own),
                differences=sum(each.differences for each in own),
                seconds=60 * sum(each.planned_minutes for each in own), parked_seconds=60 * sum(map(_parked_minutes, own)),
                pence=sum(each.pence for each in own),
            )
            for reason in sorted({each.reason for each in of})
            for own in [[each for each in of if each.reason == reason]]
        ]  # fmt: skip
        yield from sorted(rows, key=lambda row: (-row.lines, row.reason))


def _parked_minutes(figure: Figure) -> int:
    """A visit that is parked whole and has no contact waits with its planned time: the savings report counts it so, too."""
    return figure.parked_minutes or (figure.planned_minutes if figure.outcome == "park" else 0)


def sums_of(figures: Sequence[Figure], taken: Sequence[Differences], wanted: Wanted) -> tuple[int, int]:
    """How many lines are `wanted` of a run, and their pence; `taken` are the differences among them."""
    if wanted.differences:
        return sum(each.lines for each in taken), sum(each.pence for each in taken)
    of = [
        each
        for each in figures
        if (each.provider, each.outcome, each.reason)
        == (wanted.provider or each.provider, wanted.outcome or each.outcome, wanted.reason or each.reason)
    ]
    return sum(each.lines + each.differences for each in of), sum(each.pence for each in of)


def said_of(reason: str) -> str:
    """A reason in words."""
    return REASONS.get(reason, reason.replace("_", " "))


def _provider(name: str, figures: Sequence[Figure]) -> ProviderRow:
    return ProviderRow(
        provider=name,
        counts=_counts(figures),
        lines=sum(each.lines for each in figures),
        differences=sum(each.differences for each in figures),
        paid_seconds=60 * sum(each.paid_minutes for each in figures),
        pence=sum(each.pence for each in figures),
    )


def _names(figures: Sequence[Figure]) -> list[str]:
    return sorted({each.provider for each in figures})


def _counts(figures: Sequence[Figure]) -> tuple[int, ...]:
    return tuple(sum(each.lines for each in figures if each.outcome == outcome.name) for outcome in OUTCOMES)


def lines_shown(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ledger lines with their outcome and reason in words, and whether an end was entered by hand."""
    named = {each.name: each for each in OUTCOMES}
    return [
        {
            **row,
            "outcome": named[row["outcome"]],
            "reason": said_of(row["reason"]),
            "amended": ENTERED_BY_HAND in (row["start_device"], row["stop_device"]),
        }
        for row in rows
    ]
