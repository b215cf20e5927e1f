"""How long does somebody wait for a page, with a year of a council in the database? JSON lines.

Run as `PYTHONPATH=tests python -m bench.web` (`make bench-web`): a year of Cornwall, 3.5 million planned visits, in a real TimescaleDB with
fsync on. Each address is asked for twenty times a second, whatever the answers before it take; the 95th percentile counts from when a
request was due. Beside it stand the page's own queries, asked again without the page by the same role. Database, server and whoever asks
share the cores.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from bench.figures import percentile, tell
from bench.ingest_stage import durable
from bench.settle_council import CORNWALL, FIRST, council
from bench.settle_ledger import LAST
from bench.settle_one import EXAMPLE, terms_of
from bench.web_load import ask
from bench.web_queries import bare, heard
from bench.web_server import serving
from bench.web_year import fill
from calltime_server.rights import Role
from calltime_server.visits.civil_day import span_of
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.office import Pass, let_in, office

SCRATCH = "/var/tmp"  # noqa: S108  # a disk, where /tmp may be memory
A_SECOND = 20
PAGE_MS, TIMES = 150, 3
DAY = FIRST
NOON = span_of(LAST)[0] + timedelta(hours=11)
"""When it is asked: on a day that has visits, so that "today" and "this week" have as many as they would have."""
PROVIDER = "provider-7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Something that is asked for, and by whom. `page`: it is to be as quick as a page."""

    path: str
    role: Role
    page: bool = True


def addresses(visit: str, run: int) -> tuple[Address, ...]:
    """Every room of the office, and the same for programs."""
    provider = ("/today", f"/visits?day={DAY}", f"/visits?day={DAY}&view=timeline", f"/visits/{visit}", "/mend", "/mend/queue/no_stop")
    also = (f"/actuals?day={DAY}", f"/actuals/{visit}", "/statements", "/compliance", "/doors", "/carers", "/settings/alerts", "/brought")
    council = (
        *(
            "/today",
            f"/visits?day={DAY}",
            "/visits?search=s1234",
            "/mend",
            "/mend/queue/missed",
            "/runs",
            f"/runs/{run}",
            f"/runs/{run}/lines",
            f"/actuals?day={DAY}",
        ),
        *("/variance", "/compliance", "/terms", "/plan", "/absences", "/doors", "/carers", "/work"),
    )
    return (
        *(Address(path=path, role=Role.PROVIDER) for path in (*provider, *also)),
        *(Address(path=path, role=Role.OFFICER) for path in council),
        Address(path="/audit", role=Role.AUDITOR),
        *(Address(path=f"/api/v1/{path}", role=Role.OFFICER) for path in (f"visits?day={DAY}", "runs", f"runs/{run}/lines?limit=1000")),
    )


def main() -> None:
    """Fill, then measure each address."""
    asked = _asked(sys.argv[1:])
    missing = TimescaleDb.available()
    if missing is not None:
        sys.exit(f"The bench needs a TimescaleDB: {missing}")
    with tempfile.TemporaryDirectory(prefix="ct-", dir=SCRATCH) as folder, TimescaleDb(Path(folder) / "server") as server:
        promise = durable(server)
        with _database(server) as dsn:
            visits = fill(dsn, council(users=asked.size), terms_of(EXAMPLE))
            tell("planned visits in the database", visits, "visits", note=promise)
            measure(dsn, seconds=asked.seconds, council_sized=asked.size == CORNWALL)


def measure(dsn: str, *, seconds: int, council_sized: bool) -> None:
    """Each address in turn: first its queries, then itself at a steady pace."""
    passes: dict[Role, Pass] = {}
    for role in (Role.PROVIDER, Role.OFFICER, Role.AUDITOR):
        passes[role] = let_in(dsn, role, provider=PROVIDER if role is Role.PROVIDER else None, now=NOON)
    with psycopg.connect(dsn) as connection:
        visit, run = next(
            iter(
                connection.execute(
                    "SELECT visit_id, run FROM ledger_line WHERE provider = %s AND planned_start >= %s AND outcome = 'pay' LIMIT 1",
                    (PROVIDER, LAST),
                )
            )
        )
    slowest = 0.0
    with serving(dsn, NOON) as server:
        for each in addresses(visit, run):
            let = passes[each.role]
            queries = _queries(dsn, each, let)
            ask(server, each.path, let.headers, a_second=A_SECOND, seconds=2)  # whoever comes first pays for what is read from the disk
            answered = ask(server, each.path, let.headers, a_second=A_SECOND, seconds=seconds)
            p95 = percentile([round(ms * 1000) for ms in answered.milliseconds], 95) / 1000
            slowest = max(slowest, p95)
            name = f"{each.path} as {each.role}"
            note = f"median {percentile([round(ms * 1000) for ms in answered.milliseconds], 50) / 1000:.0f} ms"
            if answered.failed:
                note += f"; {len(answered.failed)} answers were no success: {sorted(set(answered.failed))}"
            tell(name, p95, "ms p95", target=f"< {PAGE_MS}" if each.page and council_sized else None, note=note)
            if queries is not None:
                tell(f"{name}, its queries alone", queries, "ms p95")
                tell(f"{name} ÷ its queries", p95 / queries, "times", target=f"< {TIMES}" if council_sized else None)
    tell("the slowest of all", slowest, "ms p95")


def _queries(dsn: str, each: Address, let: Pass) -> float | None:
    """None: it could not be answered, which its own figure tells."""
    with office(dsn, now=NOON, let=let) as client:
        try:
            client.get(each.path).raise_for_status()
        except httpx.HTTPError:
            return None
        with heard() as asked:
            client.get(each.path)
    settings = {"calltime.person": str(let.who.id), "calltime.provider": let.who.provider or "", "calltime.carer": ""}
    return bare(dsn, asked, settings, f"calltime_{each.role.value}")


@contextmanager
def _database(server: TimescaleDb) -> Iterator[str]:
    with psycopg.connect(server.dsn, autocommit=True) as outside:
        outside.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("bench_web")))
    yield server.dsn_of("bench_web")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`size`: service users; `seconds`: how long each address is asked for."""

    size: int
    seconds: int


def _asked(words: list[str]) -> Asked:
    parser = argparse.ArgumentParser(prog="bench.web", description=__doc__)
    parser.add_argument("--size", type=int, default=CORNWALL, help="service users (%(default)s: Cornwall)")
    parser.add_argument("--seconds", type=int, default=10, help="for which each address is asked (%(default)s)")
    parser.add_argument("--short", action="store_true", help="a small council, and two seconds each")
    told = parser.parse_args(words)
    return Asked(size=60, seconds=2) if told.short else Asked(size=told.size, seconds=told.seconds)


if __name__ == "__main__":
    main()
