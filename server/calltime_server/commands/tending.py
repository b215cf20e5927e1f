"""Commands that look after the record: tend it, and ask whether all is as it should be."""

from __future__ import annotations

import json
import threading
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources

from calltime_server.commands.words import say, table
from calltime_server.config import Config
from calltime_server.jobs import examine
from calltime_server.jobs.examine import Finding
from calltime_server.jobs.tend import Tended
from calltime_server.jobs.tend import tend as tend_record
from calltime_server.store import examining
from calltime_server.store.connection import Connection, DatabaseAway, connect
from calltime_server.store.edition import find_edition

AN_HOUR = 3600


def tend(config: Config, arguments: Namespace) -> None:
    """Do what is due, once or every hour."""
    if not arguments.hourly:
        say(_told(_tend_once(config)))
        return
    while True:
        try:
            say(_told(_tend_once(config)))
        except DatabaseAway as error:
            say(f"Not tended: the database cannot be reached ({str(error).strip()}). Next try in an hour; nothing is lost until then.")
        threading.Event().wait(AN_HOUR)


def _tend_once(config: Config) -> Tended:
    with connect(config.database) as connection:
        return tend_record(connection, now=datetime.now(UTC), keep_years=config.keep_years, keeping=config.keeping)


def _told(done: Tended) -> str:
    said = []
    if done.handed_over:
        said.append("TimescaleDB now compresses chunks older than 56 days and counts for the boards by itself.")
    if done.counted is not None:
        said.append(f"Counted for the boards: {done.counted:,} hours of doors.")
    if done.forgotten:
        gone = done.forgotten
        said.append(
            f"Forgotten, all older than {gone.before:%Y-%m-%d}: {gone.taps:,} taps, {gone.untimed_taps:,} taps without a time, "
            f"{gone.quarantined:,} messages in quarantine."
        )
    said += [
        f"Let go for its age: {gone.rows:,} of {gone.kind.replace('_', '-')}, older than {gone.before:%Y-%m-%d}." for gone in done.let_go
    ]
    return " ".join(said) or "Nothing was due."


def doctor(config: Config, arguments: Namespace) -> None:
    """Say what is found, and end with status 1 where a promise is at risk, or with `--tended` where the hourly work is not done."""
    with connect(config.database) as connection:
        findings = list(_examine(connection, config))
    if arguments.json:
        say(
            json.dumps([{"level": found.level, "what": found.what, "says": found.says} for found in findings], ensure_ascii=False, indent=1)
        )
    else:
        table(["", "WHAT", "FOUND"], [(found.level, found.what, found.says) for found in findings])
    late = arguments.tended and any(found.what == "tending" and found.level != "ok" for found in findings)
    if late or any(found.level == "RISK" for found in findings):
        raise SystemExit(1)


def _examine(connection: Connection, config: Config) -> Iterator[Finding]:
    asked = datetime.now(UTC)
    server = examining.read_server(connection)
    now = datetime.now(UTC)
    found = find_edition(connection)
    yield from examine.examine_server(found, server, ahead=server.clock - (asked + (now - asked) / 2))
    shipped = sorted(file.name.removesuffix(".sql") for file in (resources.files("calltime_server") / "schema").iterdir())
    applied = examining.read_applied(connection)
    missing = tuple(name for name in shipped if name not in applied)
    yield examine.examine_schema(missing)
    if missing:
        return  # the rest asks tables that may not be there
    record = examining.read_record(connection, found)
    yield from examine.examine_record(found, server, record, now=now, keep_years=config.keep_years)
    yield from examine.examine_jobs(examining.read_jobs(connection))
    yield from examine.examine_post(examining.read_post(connection, silent_since=now - examine.SILENT_AFTER))
