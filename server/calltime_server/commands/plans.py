"""Commands about plans: what was asked for."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import polars as pl

from calltime_server.commands.words import Refusal, refuse_faults, say
from calltime_server.config import Config
from calltime_server.jobs.plan_csv import read_plan
from calltime_server.jobs.plan_hhcrsp import read_hhcrsp
from calltime_server.store.connection import connect
from calltime_server.store.plan import import_plan


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
        imported = import_plan(connection, plan)
    carer_visits, homes = int(plan["carers"].sum()), plan["service_user"].n_unique()
    what = f"{_so_many(plan.height, 'planned visit')} to {homes:,} {'person' if homes == 1 else 'people'}"
    say(f"{what} ({_so_many(carer_visits, 'carer visit')}): {imported.new:,} new, {imported.replaced:,} replaced.")


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
