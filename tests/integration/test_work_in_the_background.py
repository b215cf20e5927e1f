"""What becomes of long work: whose worker dies, that cannot be done, or that nobody knows?"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg

from calltime_server.rights import Role
from calltime_server.store import ledger
from calltime_server.store.connection import connect
from calltime_server.store.work import DIED, SILENT, Work, ask_for_work, find_work
from fixtures.long_work import do_all_work, worker
from fixtures.office import let_in
from fixtures.small_day import DAY, EVENING, SmallDay
from fixtures.waiting import wait_until


def ask(dsn: str, kind: str, **asked: object) -> int:
    who = let_in(dsn, Role.OFFICER).who
    with connect(dsn) as connection:
        return ask_for_work(connection, kind, asked, who=who, now=EVENING)


def stands(dsn: str, number: int) -> Work:
    with connect(dsn) as connection:
        work = find_work(connection, number)
    assert work is not None
    return work


def lines_in_the_ledger(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM ledger_line").fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def a_worker_of_its_own(dsn: str) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {"CALLTIME_DATABASE": dsn, "PATH": "/usr/bin:/bin"}
    doing = subprocess.Popen([sys.executable, "-m", "calltime_server.cli", "work"], env=environment, stdout=subprocess.DEVNULL)
    try:
        yield doing
    finally:
        doing.kill()
        doing.wait(10)


def test_a_worker_that_is_killed_in_the_middle_leaves_nothing_but_the_news_that_it_failed(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    number = ask(dsn, "settle", first_day=DAY, last_day=DAY)
    with connect(dsn) as holding:
        ledger.lock(holding)  # whoever settles waits here
        with a_worker_of_its_own(dsn):
            wait_until(lambda: "Settling" in stands(dsn, number).says, within=60, what="the worker to be in the middle")
    assert stands(dsn, number).state == "under_way"
    assert not worker(dsn).work_once(), "somebody else took it up while its worker may live"

    much_later = stands(dsn, number).begun_at
    assert much_later is not None
    do_all_work(dsn, now=much_later + 2 * SILENT)

    assert (stands(dsn, number).state, stands(dsn, number).says) == ("failed", DIED)
    assert lines_in_the_ledger(dsn) == 0
    again = ask(dsn, "settle", first_day=DAY, last_day=DAY)
    do_all_work(dsn)
    assert stands(dsn, again).says.startswith("7 lines were added and 0 taken back")


def test_a_worker_that_was_given_up_and_still_lives_changes_nothing(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    number = ask(dsn, "settle", first_day=DAY, last_day=DAY)
    doing = worker(dsn, now=EVENING)
    settle = doing._kinds["settle"]

    def slow(task: Any) -> Any:
        done = settle(task)
        assert not worker(dsn, now=EVENING + timedelta(hours=1)).work_once()
        return done

    doing._kinds = {"settle": slow}
    doing.work_once()

    assert stands(dsn, number).says == DIED
    assert lines_in_the_ledger(dsn) == 0


def test_what_cannot_be_done_says_why(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    tomorrow = EVENING.date() + timedelta(days=5000)
    unknown, early, nothing = ask(dsn, "knit"), ask(dsn, "settle", first_day=tomorrow, last_day=tomorrow), ask(dsn, "bundle", run=9)
    do_all_work(dsn)

    assert "does not know how to do “knit”" in stands(dsn, unknown).says
    assert "is not over, so nothing was settled" in stands(dsn, early).says
    assert "There is no run 9" in stands(dsn, nothing).says
    assert {stands(dsn, each).state for each in (unknown, early, nothing)} == {"failed"}
