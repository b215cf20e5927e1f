"""What is written into the ledger, and into whose run?

The fewest entries that bring it to what was decided. They go into the run of the pay period in which their day lies, while that can still
change; later into the next open one, as a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from calltime_server.payment.inputs import digest_of
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection, execute, fetch, write_frame
from calltime_server.store.double_pay import refuse_double_pay
from calltime_server.store.kept import keep
from calltime_server.store.ledger import KEY, LINE, read_standing
from calltime_server.store.periods import Posting, posting
from calltime_server.store.strays import read_strays
from calltime_server.visits import london

SAME = [name for name in LINE.names() if name != "explanation"]
# Words worded anew are no news. But what is no visit says some figures in its words alone, as how much of a block was used.
FIGURES = pl.when(pl.col("kind") != "visit").then(pl.col("explanation").str.replace_all(r"[^0-9]+", " ").str.strip_chars()).alias("figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a settlement changed in the ledger: its number (an earlier one, if nothing was new), the runs that it added to, and how much."""

    settlement: int
    runs: tuple[int, ...]
    added: int
    reversed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """By which terms a span was settled, from what (a digest for each frame), and a digest of what came out.

    `kept` are the frames that go into the ledger's keeping: of those no earlier state can be read back.
    """

    start: datetime
    end: datetime
    terms: tuple[Terms, ...]
    inputs: Mapping[str, str]
    digest: str
    at: datetime
    kept: Mapping[str, pl.DataFrame]


def post(connection: Connection, worked: Worked, lines: pl.DataFrame) -> Posted:
    """Bring the ledger to these lines (LINE) of the span. The ledger must be locked.

    A line that stands already with the same content is left alone; running the same settlement again writes nothing at all. A line that
    was settled before its pay period was opened is taken back in the run in which it stands, and written anew into the period's.
    """
    decided = lines.select(LINE.names())
    standing = _standing(connection, worked, decided)
    strays = read_strays(connection, start=worked.start, end=worked.end)
    unchanged = (
        standing.with_columns(FIGURES)
        .join(decided.with_columns(FIGURES), on=[*SAME, "figures"], how="semi", nulls_equal=True)
        .drop("figures")
        .join(strays, on="line", how="anti")
    )
    outdated = standing.join(unchanged.select("line"), on="line", how="anti")
    added = decided.join(unchanged.select(KEY), on=KEY, how="anti")
    latest = _latest(connection, worked)
    if added.is_empty() and outdated.is_empty() and latest is not None and latest[1] == worked.digest:
        return Posted(settlement=latest[0], runs=(), added=0, reversed=0)
    settlement = _write_settlement(connection, worked)
    refuse_double_pay(connection, start=worked.start, end=worked.end, added=added, stays=unchanged, outdated=outdated)
    runs = _runs(connection, worked, pl.concat([_days(added), _days(outdated)]))
    taken_back = outdated.with_columns(_run(outdated, runs)).join(strays, on="line", how="left", maintain_order="left")
    _reverse(connection, settlement, taken_back.with_columns(run=pl.coalesce("stands_in", "run")))
    write_frame(connection, "ledger_line", added.with_columns(_run(added, runs), settlement=pl.lit(settlement)))
    return Posted(settlement=settlement, runs=tuple(sorted(set(runs.values()))), added=added.height, reversed=outdated.height)


def _standing(connection: Connection, worked: Worked, decided: pl.DataFrame) -> pl.DataFrame:
    """What stands for the span; and for a visit that was moved here from another day, its old line there: it is not paid on both."""
    execute(connection, "CREATE TEMPORARY TABLE decided_visit (visit_id text) ON COMMIT DROP", {})
    write_frame(connection, "decided_visit", decided.select("visit_id").unique())
    execute(connection, "ANALYZE decided_visit", {})
    moved = fetch(
        connection,
        """
        SELECT DISTINCT visit_id FROM decided_visit JOIN standing_line USING (visit_id)
        WHERE falls_on IS NULL AND (planned_start < %(start)s OR planned_start >= %(end)s)
        """,
        {"start": worked.start, "end": worked.end},
    )
    execute(connection, "DROP TABLE decided_visit", {})
    return read_standing(connection, start=worked.start, end=worked.end, visits=[visit for (visit,) in moved])


def _latest(connection: Connection, worked: Worked) -> tuple[int, str] | None:
    rows = fetch(
        connection,
        """
        SELECT settlement, digest FROM settlement WHERE from_time = %(start)s AND to_time = %(end)s ORDER BY settlement DESC LIMIT 1
        """,
        {"start": worked.start, "end": worked.end},
    )
    return (rows[0][0], rows[0][1]) if rows else None


def _write_settlement(connection: Connection, worked: Worked) -> int:
    for terms in worked.terms:
        execute(
            connection,
            "INSERT INTO terms_text (sha256, name, text) VALUES (%(sha256)s, %(name)s, %(text)s) ON CONFLICT DO NOTHING",
            {"sha256": terms.sha256, "name": terms.name, "text": terms.text},
        )
    rows = fetch(
        connection,
        """
        INSERT INTO settlement (from_time, to_time, terms, terms_names, inputs, inputs_digest, digest, settled_at)
        VALUES (%(start)s, %(end)s, %(terms)s, %(names)s, jsonb_object(%(frames)s, %(digests)s), %(inputs)s, %(digest)s, %(at)s)
        RETURNING settlement
        """,
        {
            "start": worked.start,
            "end": worked.end,
            "terms": [terms.sha256 for terms in worked.terms],
            "names": [terms.name for terms in worked.terms],
            "frames": list(worked.inputs),
            "digests": list(worked.inputs.values()),
            "inputs": digest_of(worked.inputs),
            "digest": worked.digest,
            "at": worked.at,
        },
    )
    settlement = int(rows[0][0])
    keep(connection, settlement, worked.kept)
    return settlement


def _days(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.select(day=pl.coalesce("falls_on", london.civil_day(pl.col("planned_start")))).unique()


def _run(lines: pl.DataFrame, runs: Mapping[date, int]) -> pl.Series:
    day = lines.select(day=pl.coalesce("falls_on", london.civil_day(pl.col("planned_start"))))["day"]
    return day.replace_strict(runs, return_dtype=pl.Int64).alias("run") if runs else pl.Series("run", [], dtype=pl.Int64)


def _runs(connection: Connection, worked: Worked, days: pl.DataFrame) -> dict[date, int]:
    """The run into which each day's entries go. Days for which no pay period was opened get a run of this settlement's own."""
    periods: Posting = posting(connection)
    runs: dict[date, int] = {}
    own: int | None = None
    for day in sorted(set(days["day"])):
        run = periods.run_of(day)
        if run is None:
            own = run = own or _own_run(connection, worked)
        runs[day] = run
    return runs


def _own_run(connection: Connection, worked: Worked) -> int:
    rows = fetch(
        connection,
        "INSERT INTO payment_run (from_time, to_time, settled_at) VALUES (%(start)s, %(end)s, %(at)s) RETURNING run",
        {"start": worked.start, "end": worked.end, "at": worked.at},
    )
    return int(rows[0][0])


def _reverse(connection: Connection, settlement: int, outdated: pl.DataFrame) -> None:
    execute(
        connection,
        """
        INSERT INTO ledger_line (run, settlement, reverses, visit_id, carer_no, kind, service_user, provider, payee, package, zone, service,
            carer, period, falls_on, planned_start, planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade,
            delivery, contact_seconds, waiting_seconds, paid_minutes, parked_minutes, pence, rounding_360000ths, council_pence,
            health_pence, charge_pence, bank_minutes, outcome, reason, explanation)
        SELECT into_run, %(settlement)s, l.line, visit_id, carer_no, kind, service_user, provider, payee, package, zone, service,
            carer, period, falls_on, planned_start, planned_minutes, started, ended, start_device, start_seq, stop_device, stop_seq, grade,
            delivery, -contact_seconds, -waiting_seconds, -paid_minutes, -parked_minutes, -pence, -rounding_360000ths,
            -coalesce(council_pence, pence), -health_pence, -charge_pence, -bank_minutes, outcome, reason,
            format('Reversal of line %%s, which later news made untrue: %%s', l.line, explanation)
        FROM ledger_line l JOIN unnest(%(lines)s::bigint[], %(runs)s::bigint[]) AS t (line, into_run) USING (line) ORDER BY l.line
        """,
        {"settlement": settlement, "lines": outdated["line"].to_list(), "runs": outdated["run"].to_list()},
    )
