"""Which terms of a council are in force on a day?

A council's folder has a file for each change, named by the day from which it holds. Terms without an end hold until the next file's day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from calltime_server.faults import Fault
from calltime_server.payment.spanning import period_of
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CouncilTerms:
    """All terms of one council, the earliest first, each with the last day on which it holds (only the last may have none)."""

    council: str
    terms: tuple[Terms, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFault:
    """What is wrong in one file of a folder."""

    file: Path
    fault: Fault


def load_council(folder: Path) -> CouncilTerms | tuple[FileFault, ...]:
    """All terms in a council's folder, or everything that is wrong in it."""
    files = sorted(folder.glob("*.toml"))
    loaded = [(file, _load(file)) for file in files]
    faults = [FileFault(file=file, fault=fault) for file, found in loaded if not isinstance(found, Terms) for fault in found]
    terms = [(file, found) for file, found in loaded if isinstance(found, Terms)]
    faults += _misnamed(terms)
    faults += _between(terms)
    if not files:
        faults.append(_fault(folder, None, "There are no terms here. Put a file here that is named by its first day, as 2026-04-06.toml."))
    if faults:
        return tuple(faults)
    return CouncilTerms(council=terms[0][1].council, terms=_each_until_the_next([found for _, found in terms]))


def terms_in_force(council: CouncilTerms, day: date) -> Terms | None:
    """The terms of this day in London. None: there are none."""
    return next((terms for terms in council.terms if terms.starts <= day and (terms.ends is None or day <= terms.ends)), None)


def _load(file: Path) -> Terms | tuple[Fault, ...]:
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        return (Fault(line=None, column=None, says=f"This is not UTF-8 text: {error}. Save it as UTF-8."),)
    return load_terms(text, name=f"{file.parent.name}/{file.name}")


def _misnamed(terms: Sequence[tuple[Path, Terms]]) -> Iterator[FileFault]:
    for file, found in terms:
        if file.stem != found.starts.isoformat():
            yield _fault(
                file, "starts", f"These terms start on {found.starts}, but the file is named {file.name}. Name it by its first day."
            )
        if found.council != terms[0][1].council:
            says = f"These terms are of {found.council}, and those of {terms[0][0].name} of {terms[0][1].council}."
            yield _fault(file, "council", f"{says} A folder holds the terms of one council: put them where they belong.")


def _between(terms: Sequence[tuple[Path, Terms]]) -> Iterator[FileFault]:
    in_order = sorted(terms, key=lambda each: each[1].starts)
    for (earlier, before), (later, after) in pairwise(in_order):
        if before.starts == after.starts:
            yield _fault(later, "starts", f"These terms start on the same day as those of {earlier.name}. Only one can hold: remove one.")
        elif before.ends is not None and before.ends >= after.starts:
            says = f"These terms start on {after.starts}, while those of {earlier.name} hold until {before.ends}. Let one end before."
            yield _fault(later, "starts", says)
        elif before.ends is not None and before.ends < after.starts - A_DAY:
            first, last = before.ends + A_DAY, after.starts - A_DAY
            says = f"From {first} to {last} no terms are in force: those of {earlier.name} end, and these have not begun. Close the gap."
            yield _fault(later, "starts", says)
        elif before.period_steps or after.period_steps:
            yield from _within_a_period(later, after, (before, after))


def _within_a_period(file: Path, after: Terms, both: Sequence[Terms]) -> Iterator[FileFault]:
    """What is counted over a period is counted by one file, so that no hours are granted twice."""
    for terms in both:
        first, last = period_of(terms, after.starts)
        if first != after.starts:
            of = "their own" if terms is after else f"the terms of {terms.starts}"
            period = f"the period from {first} to {last} of {of}"
            says = f"These terms start on {after.starts}, within {period}, and then its hours would count twice."
            yield _fault(file, "starts", f"{says} Let them start on the first day of a period, as {last + A_DAY}.")


def _each_until_the_next(terms: Sequence[Terms]) -> tuple[Terms, ...]:
    in_order = sorted(terms, key=lambda each: each.starts)
    return tuple(replace(before, ends=after.starts - A_DAY) for before, after in pairwise(in_order)) + tuple(in_order[-1:])


def _fault(file: Path, column: str | None, says: str) -> FileFault:
    return FileFault(file=file, fault=Fault(line=None, column=column, says=says))
