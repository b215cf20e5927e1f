"""Commands that keep the office open: migrate, and serve."""

from __future__ import annotations

import logging
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from calltime_server.app import make_app
from calltime_server.commands.paying import read_all_terms
from calltime_server.commands.words import say
from calltime_server.config import Config
from calltime_server.jobs.broker_keeping import Keeper
from calltime_server.store.migrations import migrate


def bring_schema(config: Config, _arguments: Namespace) -> None:
    """Bring the database to the schema of this version."""
    applied = migrate(config.database)
    say(f"Applied: {', '.join(applied)}." if applied else "The database is up to date.")


def serve(config: Config, arguments: Namespace) -> None:
    """Serve pages and API until stopped."""
    app = make_app(
        dsn=config.database,
        terms=read_all_terms(config.terms),
        broker=config.broker,
        passwords=config.account is not None,
        now=lambda: datetime.now(UTC),
    )
    say(f"Visit log and actuals: http://{arguments.host}:{arguments.port}/ (Ctrl-C ends)")
    with _brokers_kept(config):
        uvicorn.run(app, host=arguments.host, port=arguments.port, log_level="warning", server_header=False)


@contextmanager
def _brokers_kept(config: Config) -> Iterator[None]:
    """Keep the brokers in step with enrolment meanwhile, where the office has an account there."""
    if config.account is None:
        yield
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    keeper = Keeper(config.brokers, config.account, config.database)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()
