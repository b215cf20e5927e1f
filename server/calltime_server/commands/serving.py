"""Commands that keep the office open: migrate, and serve."""

from __future__ import annotations

import logging
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Protocol

import uvicorn

from calltime_server.commands.page_processes import PageProcesses, PageServer
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import say
from calltime_server.commands.working import worker
from calltime_server.config import Config
from calltime_server.jobs.alerts import teller
from calltime_server.jobs.broker_keeping import Keeper
from calltime_server.jobs.door_watch import door_listener
from calltime_server.jobs.sending import Sender
from calltime_server.jobs.watch import Watch
from calltime_server.payment.terms import Terms
from calltime_server.store.migrations import migrate

if TYPE_CHECKING:
    from fastapi import FastAPI


def bring_schema(config: Config, _arguments: Namespace) -> None:
    """Bring the database to the schema of this version."""
    applied = migrate(config.database)
    say(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")


class Job(Protocol):
    """What goes on beside the pages, in threads of its own."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, after what is under way."""


def serve(config: Config, arguments: Namespace) -> None:
    """Serve pages and API until stopped."""
    terms = read_all_terms(config.terms)
    say(f"Visit log and actuals: http://{arguments.host}:{arguments.port}/ (Ctrl-C ends)")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    how = uvicorn.Config(office_of(config, terms), host=arguments.host, port=arguments.port, log_level="warning", server_header=False)
    with how.bind_socket() as port, ExitStack() as ends:
        for job in (*_jobs(config, terms), PageProcesses(partial(office_of, config), port, arguments.processes - 1)):
            job.start()
            ends.callback(job.stop)
        PageServer(how).run(sockets=[port])


def office_of(config: Config, terms: Sequence[Terms] = ()) -> FastAPI:
    """The office that these settings describe. `terms`: as they were read already; a further process reads them itself."""
    from calltime_server.app import make_app  # a second's worth of pages, which no other command needs

    return make_app(
        dsn=config.database,
        terms=terms or read_all_terms(config.terms),
        broker=config.broker,
        public_url=config.public_url,
        passwords=config.account is not None,
        organisation=config.organisation,
        sends_mail=config.mail is not None,
        hooks_private=config.hooks_private,
        keeping=config.keeping,
        keep_years=config.keep_years,
        phones=config.phones,
        finance=config.finance,
        now=_now,
    )


def _jobs(config: Config, terms: Sequence[Terms]) -> Iterator[Job]:
    beside = (teller(config.database, public_url=config.public_url, now=_now), door_listener(config.database))
    yield Watch(config.database, terms, _now, also=beside)
    yield Sender(config.database, mail=config.mail, private=config.hooks_private, now=_now)
    yield worker(config)
    # Where the office has an account at the brokers, they are kept in step with enrolment.
    if config.account is not None:
        yield Keeper(config.brokers, config.account, config.database)


def _now() -> datetime:
    return datetime.now(UTC)
