"""Does a run come to what it says? Everything is worked out again, from the signed records to the last penny, and told in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

from calltime_server.jobs.bundle.layout import Bundle
from calltime_server.jobs.bundle.signed import Read, read_records
from calltime_server.jobs.bundle.worked_out import worked_out
from calltime_server.payment.lines import LINES
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.visits.civil_day import span_of

KEY = ["visit_id", "carer_no"]
# Whose taps a line names, and for how long they were there. What else a line has is what was made of that.
CONTACT = (
    "carer",
    "started",
    "ended",
    "start_device",
    "start_seq",
    "stop_device",
    "stop_seq",
    "grade",
    "delivery",
    "contact_seconds",
    "waiting_seconds",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: `says` what holds, or what that means; `wrong` each thing that does not hold, in a sentence."""

    name: str
    says: str
    wrong: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.wrong


def verify(bundle: Bundle, *, progress: Callable[[int, int], None]) -> tuple[Check, ...]:
    """Check a bundle from its files to its sums, in the order in which one rests on the other."""
    read = read_records(bundle, progress=progress)
    terms, not_terms = _terms(bundle)
    files = len(bundle.tables) + len(bundle.terms) + sum(len(tables) for tables in bundle.told.values())
    checks = (
        Check(name="files", says=f"{files} files are as the manifest says.", wrong=bundle.altered),
        Check(
            name="signatures",
            says=f"{read.records:,} records of {read.doors:,} doors are signed by the keys of their doors.",
            wrong=read.signatures,
        ),
        Check(name="chain", says=_chain_says(read), wrong=read.chain),
        Check(name="receipts", says="Each record has the receipt under which it was stored.", wrong=read.receipts),
        Check(name="terms", says=_terms_say(terms), wrong=not_terms),
        Check(name="days", says=_days_say(bundle), wrong=tuple(_wrong_days(bundle))),
    )
    if not_terms:
        return (*checks, Check(name="lines", says="", wrong=("Without the terms no line can be worked out again.",)))
    return (*checks, *_lines(bundle, worked_out(bundle, read, terms)))


def _chain_says(read: Read) -> str:
    opened = f" {read.open_links} of them follow a number that their door has declared lost." if read.open_links else ""
    return f"Each record names the one before it, and none between them is missing.{opened} What a door said later cannot be seen here."


def _days_say(bundle: Bundle) -> str:
    spans = (f"{each.first_day:%-d %B %Y} to {each.last_day:%-d %B %Y}" for each in bundle.run.settlements)
    lacking = _not_settled(bundle)
    so_far = f" {len(lacking)} of the run's days were not, first {lacking[0]:%-d %B %Y}: nothing planned then is in it." if lacking else ""
    return f"Settled were {', '.join(spans)}.{so_far}"


def _not_settled(bundle: Bundle) -> list[date]:
    """The days of the run that no settlement of it has: they are to come, or brought nothing."""
    run, settled = bundle.run, [(each.first_day, each.last_day) for each in bundle.run.settlements]
    days = [run.first_day + timedelta(days=n) for n in range((run.last_day - run.first_day).days + 1)]
    return [day for day in days if not any(first <= day <= last for first, last in settled)]


def _wrong_days(bundle: Bundle) -> Iterator[str]:
    """Which settlements are not of whole days: days that nobody settled are told, for a run may hold late news alone."""
    if not bundle.run.settlements:
        yield "The bundle names no settlement: nothing of the run can be worked out."
    for each in bundle.run.settlements:
        if (each.start, each.end) != (span_of(each.first_day)[0], span_of(each.last_day)[1]):
            yield f"Settlement {each.settlement} is said to be from {_told(each.start)} to {_told(each.end)}: those are no whole days."


def _terms(bundle: Bundle) -> tuple[Mapping[str, Terms], tuple[str, ...]]:
    """The terms that the settlements name, by SHA-256, and what is wrong with them."""
    terms, wrong = {}, []
    for sha256, name in sorted({pair for each in bundle.run.settlements for pair in each.terms.items()}):
        text = bundle.terms.get(sha256)
        if text is None:
            wrong.append(f"The terms {name} are not in the bundle.")
        elif hashlib.sha256(text.encode()).hexdigest() != sha256:
            wrong.append(f"The terms {name} are not those by which the run was settled: their text has another digest.")
        else:
            loaded = load_terms(text, name=name)
            if isinstance(loaded, Terms):
                terms[sha256] = loaded
            else:
                wrong += [f"The terms {name}, line {fault.line}: {fault.says}" for fault in loaded]
    return terms, tuple(wrong)


def _terms_say(terms: Mapping[str, Terms]) -> str:
    examples = sum(len(each.examples) for each in terms.values())
    named = ", ".join(f"{each.name} (SHA-256 {sha256[:16]}…)" for sha256, each in terms.items())
    return f"{named}: the text by which it was settled. All {examples} worked examples come out."


def _lines(bundle: Bundle, settled: pl.DataFrame) -> Iterator[Check]:
    stood = bundle.tables["lines.csv"]
    yield Check(
        name="visits",
        says=f"{stood.height:,} lines: each planned visit has its lines, and no line is for anything else.",
        wrong=(
            *_only_in(stood, settled, "stands in the ledger, and nothing that was planned or agreed comes to it."),
            *_only_in(settled, stood, "was planned or agreed, and has no line in the ledger."),
            *_twice(stood, KEY),
            *_twice(stood, ["line"]),
        ),
    )
    made = tuple(_differ(stood, settled, CONTACT))
    yield Check(name="pairing and matching", says="Each line names the contact that its taps make.", wrong=made)
    money = [name for name in LINES if name not in (*KEY, *CONTACT)]
    yield Check(name="sums", says=_sums_say(stood), wrong=tuple(_differ(stood, settled, money)))
    words = tuple(_differ(stood, settled, ["explanation"]))
    yield Check(name="explanations", says="Each line is explained as it was worked out.", wrong=words)
    yield Check(name="entries of the run", says=_entries_say(bundle), wrong=tuple(_wrong_entries(bundle)))


def _only_in(these: pl.DataFrame, those: pl.DataFrame, says: str) -> Iterator[str]:
    for row in these.join(those, on=KEY, how="anti").sort(KEY).iter_rows(named=True):
        yield f"Visit {row['visit_id']}, carer {row['carer_no']}: {says}"


def _twice(stood: pl.DataFrame, key: Sequence[str]) -> Iterator[str]:
    for row in stood.filter(pl.struct(key).is_duplicated()).unique(key).sort(key).iter_rows(named=True):
        named = " and ".join(f"{_word(name)} {row[name]}" for name in key)
        yield f"Visit {row['visit_id']}, carer {row['carer_no']}: {named} stands twice."


def _differ(stood: pl.DataFrame, settled: pl.DataFrame, names: Sequence[str]) -> Iterator[str]:
    """A sentence for each line and column that is not what comes out."""
    both = stood.select(*KEY, *names).join(settled.select(*KEY, *names), on=KEY, suffix=" again").sort(KEY)
    differs = [pl.col(name).ne_missing(pl.col(f"{name} again")).alias(f"{name} differs") for name in names]
    for row in both.with_columns(differs).filter(pl.any_horizontal(f"{name} differs" for name in names)).iter_rows(named=True):
        what = "; ".join(
            f"{_word(name)} is {_told(row[name])}, and comes to {_told(row[name + ' again'])}" for name in names if row[name + " differs"]
        )
        yield f"Visit {row['visit_id']}, carer {row['carer_no']}: {what}."


def _word(name: str) -> str:
    return name.replace("_", " ")


def _told(value: Any) -> str:
    return "nothing" if value is None else f"{value:%Y-%m-%d %H:%M:%S}Z" if isinstance(value, datetime) else f"“{value}”"


def _sums_say(stood: pl.DataFrame) -> str:
    return f"{_pounds(int(stood['pence'].sum()))} in all lines that stand: every step, price and share comes out to the penny."


def _entries_say(bundle: Bundle) -> str:
    entries, stood = bundle.tables["run.csv"], bundle.tables["lines.csv"]
    earlier = entries.filter(pl.col("of_run").is_not_null() & (pl.col("of_run") != bundle.run.run))
    others = stood.filter(pl.col("run") != bundle.run.run)
    reversals = entries.filter(pl.col("reverses").is_not_null()).height
    told = [f"The run comes to {_pounds(int(entries['pence'].sum()))}: {entries.height - reversals:,} lines and {reversals:,} reversals."]
    if earlier.height:
        runs = ", ".join(str(run) for run in earlier["of_run"].unique().sort())
        taken = _pounds(int(earlier["pence"].sum()))
        told.append(f"Of these {earlier.height:,} are reversals of {taken} that stood in run {runs}, whose own bundle shows what it was.")
    if others.height:
        runs = ", ".join(str(run) for run in others["run"].unique().sort())
        told.append(f"Of the lines that stand {others.height:,}, {_pounds(int(others['pence'].sum()))}, were posted by run {runs}.")
    return " ".join(told)


def _wrong_entries(bundle: Bundle) -> Iterator[str]:
    """Whether the entries of the run are the lines that stand by it, and reversals that take back just what was posted."""
    entries, own = bundle.tables["run.csv"], bundle.tables["lines.csv"].filter(pl.col("run") == bundle.run.run)
    yield from _twice(entries, ["line"])
    lines, reversals = entries.filter(pl.col("reverses").is_null()), entries.filter(pl.col("reverses").is_not_null())
    yield from _twice(reversals, ["reverses"])
    for row in reversals.filter(pl.col("pence") != -pl.col("was")).iter_rows(named=True):
        yield f"Line {row['line']} takes back {row['was']} pence of visit {row['visit_id']} as {row['pence']}."
    within = reversals.filter(pl.col("of_run") == bundle.run.run)
    known = within.join(lines.select("line", posted="pence"), left_on="reverses", right_on="line", how="left")
    for row in known.filter(pl.col("posted").ne_missing(pl.col("was"))).iter_rows(named=True):
        yield f"Line {row['line']} takes back line {row['reverses']}, which the run did not post with {row['was']} pence."
    stand = lines.join(within, left_on="line", right_on="reverses", how="anti")
    both = stand.join(own.select("line", stands="pence"), on="line", how="full", coalesce=True)
    for row in both.filter(pl.col("pence").ne_missing(pl.col("stands"))).sort("line").iter_rows(named=True):
        yield f"Line {row['line']} was posted with {_told(row['pence'])} pence by the run, and stands with {_told(row['stands'])}."
    if int(entries["pence"].sum()) != bundle.run.pence:
        yield f"The run says that it comes to {bundle.run.pence} pence, and its entries come to {int(entries['pence'].sum())}."


def _pounds(pence: int) -> str:
    return f"{'-' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"
