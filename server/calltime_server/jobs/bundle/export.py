"""What goes into the bundle of a run? All that its settlements started from, as it was known then, and what the ledger made of it."""

from __future__ import annotations

import polars as pl

from calltime_server.jobs.bundle.layout import STANDING, Run, Settled, pack
from calltime_server.payment.inputs import Inputs
from calltime_server.payment.spanning import taps_needed
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.store import ledger
from calltime_server.store.bundling import read_doors, read_posted, read_runs_of, read_stored, read_tags
from calltime_server.store.connection import Connection
from calltime_server.store.inputs import read_inputs
from calltime_server.store.runs import read_run_facts
from calltime_server.store.settlements import Recorded, read_terms_text, settlements_of
from calltime_server.visits.signed import RECEIPTS, RECORDS


class NotToBeBundled(ValueError):
    """There is nothing of this run that could be worked out again; the message says why and what next."""


def export_bundle(connection: Connection, run: int) -> bytes:
    """The bundle of a run. Raises RunRefused where there is no such run, NotToBeBundled."""
    facts = read_run_facts(connection, run)
    recorded = _not_superseded(settlements_of(connection, run))
    if not recorded:
        raise NotToBeBundled(f"Run {run} has no settlement whose inputs were kept: nothing can be worked out again. Settle its days anew")
    texts = {sha256: _terms(connection, sha256) for each in recorded for sha256 in each.terms}
    inputs = {each.settlement: _inputs(connection, each, [texts[sha256] for sha256 in each.terms]) for each in recorded}
    spans = [taps_needed(start=each.start, end=each.end, terms=[texts[sha256] for sha256 in each.terms]) for each in recorded]
    known_by = max(each.settled_at for each in recorded)
    stored = read_stored(connection, start=min(first for first, _ in spans), end=max(last for _, last in spans), known_by=known_by)
    devices = stored["device"].unique().implode()
    return pack(
        run=Run(
            run=run,
            first_day=facts.first_day,
            last_day=facts.last_day,
            pence=facts.pence,
            settlements=tuple(_settled(each, texts) for each in recorded),
        ),
        tables={
            "records.csv": stored.filter(pl.col("jws").is_not_null()).select(RECORDS.names()),
            "receipts.csv": stored.select(RECEIPTS.names()),
            "doors.csv": read_doors(connection).filter(pl.col("device").is_in(devices)),
            "tags.csv": read_tags(connection, known_by=known_by),
            "lines.csv": _standing(connection, run, recorded),
            "run.csv": read_posted(connection, run),
        },
        told={settlement: each.frames() for settlement, each in inputs.items()},
        terms={sha256: terms.text for sha256, terms in texts.items()},
    )


def _not_superseded(recorded: tuple[Recorded, ...]) -> tuple[Recorded, ...]:
    """Without those whose whole span a later one decided again."""
    return tuple(
        each
        for number, each in enumerate(recorded)
        if not any(later.start <= each.start and each.end <= later.end for later in recorded[number + 1 :])
    )


def _settled(recorded: Recorded, texts: dict[str, Terms]) -> Settled:
    return Settled(
        settlement=recorded.settlement,
        start=recorded.start,
        end=recorded.end,
        known_by=recorded.settled_at,
        terms={sha256: texts[sha256].name for sha256 in recorded.terms},
    )


def _inputs(connection: Connection, recorded: Recorded, terms: list[Terms]) -> Inputs:
    return read_inputs(
        connection, start=recorded.start, end=recorded.end, terms=terms, known_by=recorded.settled_at, settlement=recorded.settlement
    )


def _standing(connection: Connection, run: int, recorded: tuple[Recorded, ...]) -> pl.DataFrame:
    lines = pl.concat(ledger.read_standing_at(connection, run, start=each.start, end=each.end) for each in recorded).unique("line")
    runs = read_runs_of(connection, lines["line"].to_list())
    return lines.join(runs, on="line").sort("line").select(STANDING.names())


def _terms(connection: Connection, sha256: str) -> Terms:
    kept = read_terms_text(connection, sha256)
    terms = None if kept is None else load_terms(kept[1], name=kept[0])
    if not isinstance(terms, Terms):
        raise NotToBeBundled(
            f"The terms {sha256[:12]}… are not kept here, or this version no longer takes them. Use the version that settled"
        )
    return terms
