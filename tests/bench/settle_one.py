"""How long does one of them take, once, and how much memory? A process of its own, so that nobody profits from anybody.

Run as `python -m bench.settle_one WHO FOLDER`: reads the frames from the folder, does the work, and prints one line of JSON. What is timed
begins when the frames are in memory, and ends when the pence are known.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

import calltime_server
from bench import settle_by_hand_duckdb, settle_by_hand_polars, settle_ledger
from bench.ingest_costs import peak_memory_mb
from calltime_server.payment.agreed import Agreed
from calltime_server.payment.deciding import decide
from calltime_server.payment.settling import decided, seen, settle
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.visits.columns import INSTANT
from calltime_server.visits.told import Told

CONTRACTS = Path(calltime_server.__file__).parent / "contracts"
EXAMPLE = CONTRACTS / "example" / "2026-04-06.toml"
PER_HOUR = 187_200
"""The rate of EXAMPLE in hundredths of a penny; its steps are whole minutes and no more than planned, as in the scripts."""
YEAR = 13
"""Times four weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """To how much it came, in how many rows (0: it tells no rows)."""

    pence: int
    rows: int = 0


Work = Callable[[], Came]


def main() -> None:
    """Do the work that is named, and tell of it."""
    work = WHO[sys.argv[1]](Path(sys.argv[2]))
    began = time.perf_counter()
    came = work()
    seconds = time.perf_counter() - began
    # Not by getrusage: that of a fresh process is at least what its parent had.
    memory_mb = round(peak_memory_mb(os.getpid()))
    sys.stdout.write(json.dumps({"seconds": seconds, "memory_mb": memory_mb, **asdict(came)}) + "\n")


def terms_of(path: Path) -> Terms:
    """The terms in this file; they must be good."""
    terms = load_terms(path.read_text(encoding="utf-8"), name=path.name)
    assert isinstance(terms, Terms), terms
    return terms


def _without_words(folder: Path) -> Work:
    plan, taps, agreed, terms = _council(folder)
    return lambda: _came(decided(plan=plan, taps=taps, terms=terms, agreed=agreed).lines)


def _with_words(folder: Path) -> Work:
    plan, taps, agreed, terms = _council(folder)
    return lambda: _came(settle(plan=plan, taps=taps, terms=terms, agreed=agreed).lines)


def _again(folder: Path) -> Work:
    """A year that is matched already: four weeks, 13 times, each four weeks later than the one before."""
    plan, taps, agreed, terms = _council(folder)
    weeks, _ = seen(plan, taps, terms, Told())
    year = pl.concat(_later(weeks, number) for number in range(YEAR))
    return lambda: _came(decide(year, terms, Told(), agreed))


def _council(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame, Agreed, Terms]:
    return _frame(folder, "plan"), _frame(folder, "taps"), Agreed(packages=_frame(folder, "packages")), terms_of(EXAMPLE)


def _later(visits: pl.DataFrame, number: int) -> pl.DataFrame:
    return visits.with_columns(
        pl.selectors.by_dtype(INSTANT) + pl.duration(days=28 * number),
        pl.format("{}-{}", "visit_id", pl.lit(number)).alias("visit_id"),
        pl.col("start_seq", "stop_seq") + number * 1_000_000,
    )


def _by_hand_polars(folder: Path) -> Work:
    plan, taps = _frame(folder, "plan"), _frame(folder, "taps")
    return lambda: Came(pence=settle_by_hand_polars.pence(plan, taps, per_hour=PER_HOUR))


def _by_hand_duckdb(folder: Path) -> Work:
    connection = settle_by_hand_duckdb.opened(folder)
    return lambda: Came(pence=settle_by_hand_duckdb.pence(connection, per_hour=PER_HOUR))


def _ledger(folder: Path) -> Work:
    dsn, terms = (folder / "dsn").read_text(encoding="utf-8"), terms_of(EXAMPLE)
    return lambda: Came(pence=settle_ledger.closed(dsn, terms))


def _ledger_again(folder: Path) -> Work:
    dsn, terms = (folder / "dsn").read_text(encoding="utf-8"), terms_of(EXAMPLE)
    return lambda: Came(pence=0, rows=settle_ledger.added_again(dsn, terms))


def _frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / f"{name}.parquet")


def _came(lines: pl.DataFrame) -> Came:
    return Came(pence=int(lines["pence"].sum()), rows=lines.height)


WITHOUT_WORDS = "ours"
OURS = {WITHOUT_WORDS: _without_words, "ours with words": _with_words}
BY_HAND = {"by hand in Polars": _by_hand_polars, "by hand in DuckDB": _by_hand_duckdb}
AGAIN = "a year decided again"
LEDGER, LEDGER_AGAIN = "from the database to the closed ledger", "the same days settled again"
WHO: dict[str, Callable[[Path], Work]] = {**OURS, **BY_HAND, AGAIN: _again, LEDGER: _ledger, LEDGER_AGAIN: _ledger_again}

if __name__ == "__main__":
    main()
