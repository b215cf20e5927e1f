"""The command that does the long work that people asked for."""

from __future__ import annotations

import logging
from argparse import Namespace
from datetime import UTC, datetime

from calltime_server.commands.command import AddCommand
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import say
from calltime_server.config import Config
from calltime_server.jobs.kinds_of_work import KINDS
from calltime_server.jobs.working import Council, Worker


def add_to(command: AddCommand) -> None:
    """Make the parser."""
    command("work", work, "do the long work that people asked for until stopped; `serve` does it, too")


def worker(config: Config) -> Worker:
    """One that works by this council's settings; it is not begun."""
    council = Council(terms=read_all_terms(config.terms), finance=config.finance)
    return Worker(config.database, kinds=KINDS, council=council, now=lambda: datetime.now(UTC))


def work(config: Config, _arguments: Namespace) -> None:
    """Work until stopped."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    say("Working (Ctrl-C ends)")
    try:
        worker(config).work_until_stopped()
    except KeyboardInterrupt:
        say("Ended.")
