"""What is done from the record to the closed ledger? Settle the four weeks and post them, send the run, approve it, close the period."""

from datetime import timedelta

from bench.settle_council import FIRST
from calltime_server.jobs.settle_days import settle_days
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import connect
from calltime_server.store.periods import close_period, open_period
from calltime_server.store.runs import change_state, read_run_facts
from calltime_server.visits.civil_day import span_of

LAST = FIRST + timedelta(days=27)
AFTER = span_of(LAST + timedelta(days=7))[0]
"""When it is settled: a week after the last day."""


def closed(dsn: str, terms: Terms) -> int:
    """Open the period, settle it, and close it; returns the pence of its run."""
    with connect(dsn) as connection:
        run = open_period(connection, first_day=FIRST, last_day=LAST, by="Payments", now=AFTER).run
        settle_days(connection, first=FIRST, last=LAST, terms=terms, now=AFTER)
    with connect(dsn) as connection:
        change_state(connection, run, to="with_provider", by="Payments", why="shown", now=AFTER)
        change_state(connection, run, to="approved", by="Head of Finance", why="agreed", now=AFTER)
        close_period(connection, first_day=FIRST, by="Head of Finance", why="paid", now=AFTER)
        return read_run_facts(connection, run).pence


def added_again(dsn: str, terms: Terms) -> int:
    """Settle the same days again; returns how many lines that added: none."""
    with connect(dsn) as connection:
        return settle_days(connection, first=FIRST, last=LAST, terms=terms, now=AFTER).posted.added
