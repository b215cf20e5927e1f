"""Commands about the visit log: keep it up with the record, and work days of it out by hand."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import Namespace
from datetime import UTC, datetime, timedelta

from calltime_server.commands.command import AddCommand
from calltime_server.commands.days import add_span, span_asked_for
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import say
from calltime_server.config import Config
from calltime_server.jobs.log_days import log_day
from calltime_server.jobs.watch import Watch
from calltime_server.store.connection import connect


def add_to(command: AddCommand) -> None:
    """Add the commands of this room."""
    command("watch", watch, "keep the visit log up with the record until stopped; `serve` does it, too")
    add_span(command("log-days", log_days, "work days of the visit log out from the record, where the watch has not or not yet"))


def watch(config: Config, _arguments: Namespace) -> None:
    """Keep the log until stopped."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    keeping = Watch(config.database, read_all_terms(config.terms), lambda: datetime.now(UTC))
    keeping.start()
    stop.wait()
    keeping.stop()


def log_days(config: Config, arguments: Namespace) -> None:
    """Work out day after day, each in a transaction of its own."""
    first, last = span_asked_for(arguments)
    terms = read_all_terms(config.terms)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        with connect(config.database) as connection:
            changed = log_day(connection, day, terms=terms, now=datetime.now(UTC))
        say(f"{day}: {'the log was brought up to date' if changed else 'nothing has changed'}")
