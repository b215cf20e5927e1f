"""Commands about plans: what was asked for."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from calltime_server.commands.words import Refusal, refuse_faults, say
from calltime_server.config import Config
from calltime_server.jobs.bring_file import difference_of_plan, take
from calltime_server.jobs.difference import Difference, changes_of
from calltime_server.jobs.plan_csv import read_plan
from calltime_server.jobs.plan_hhcrsp import read_hhcrsp
from calltime_server.store.connection import connect
from calltime_server.store.ledger import share_now
from calltime_server.store.noting import one_file_at_a_time
from calltime_server.visits.wall import LONDON


def read_bytes(path: Path) -> bytes:
    """Read a file that a person named."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}. Check its name and who may read it.") from error


def bring_plan(config: Config, arguments: Namespace) -> None:
    """Import a plan: all of it, or nothing."""
    plan = _from_rota(arguments) if arguments.hhcrsp else _from_csv(arguments)
    with connect(config.database) as connection:
        one_file_at_a_time(connection)  # what is shown is what is written, whoever else brings something meanwhile
        found = difference_of_plan(connection, plan, removing=arguments.remove)
        if arguments.dry_run:
            _show(found)
            return
        take(connection, "plan", found, by="the command line", now=share_now(connection, lambda: datetime.now(UTC)))
    carer_visits, homes = int(plan["carers"].sum()), plan["service_user"].n_unique()
    what = f"{_so_many(plan.height, 'planned visit')} to {homes:,} {'person' if homes == 1 else 'people'}"
    say(f"{what} ({_so_many(carer_visits, 'carer visit')}): {_told(found)}.")


def _told(found: Difference) -> str:
    removed = f", {found.removed.height:,} removed" if found.removed.height else ""
    return f"{found.added.height:,} new, {found.after.height:,} changed, {found.unchanged:,} as before{removed}"


def _show(found: Difference) -> None:
    """Every row that would be written or removed, old and new."""
    for row in found.added.iter_rows(named=True):
        say(f"+ {row['visit_id']}: {row['service_user']}, {row['provider']}, {_planned(row)}")
    for before, after in zip(found.before.iter_rows(named=True), found.after.iter_rows(named=True), strict=True):
        changes = "; ".join(f"{name} {_shown(old)} → {_shown(new)}" for name, old, new in changes_of(before, after))
        say(f"~ {after['visit_id']}: {changes}{_warned(after['visit_id'], found)}")
    for row in found.removed.iter_rows(named=True):
        say(f"- {row['visit_id']}: {row['service_user']}, {row['provider']}, {_planned(row)}{_warned(row['visit_id'], found)}")
    say(f"{_told(found)}. Nothing was written.")


def _planned(row: Mapping[str, Any]) -> str:
    return f"{_shown(row['planned_start'])}, {row['planned_minutes']} min"


def _shown(value: object) -> str:
    return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)


def _warned(visit: str, found: Difference) -> str:
    return " (it has taps, or a line in the ledger)" if visit in found.touched else ""


def _so_many(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _from_csv(arguments: Namespace) -> pl.DataFrame:
    if arguments.file is None:
        raise Refusal("Which plan? Name a CSV file, or --hhcrsp INSTANCE SOLUTION --day DAY.")
    plan = read_plan(read_bytes(arguments.file))
    if isinstance(plan, tuple):
        raise refuse_faults(plan, str(arguments.file))
    return plan


def _from_rota(arguments: Namespace) -> pl.DataFrame:
    instance, solution = arguments.hhcrsp
    if arguments.day is None:
        raise Refusal("On which day? A published rota has no date: add --day YYYY-MM-DD.")
    plan = read_hhcrsp(read_bytes(instance), read_bytes(solution), day=arguments.day)
    if isinstance(plan, tuple):
        raise refuse_faults(plan, f"{instance} + {solution}")
    return plan
