"""What if the answer to COMMIT is lost, the clocks disagree, or the database warns? Then nobody is told anything, and it is done again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from calltime_gateway.store import DatabaseAway, Store
from calltime_sim.services.postgres import Postgres
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import keep, rows


@contextmanager
def without_the_answer_to_commit(server: Postgres) -> Iterator[int]:
    """A port that passes everything on until the first COMMIT: that still goes there, and its answer does not come back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        thread = threading.Thread(target=_pass_on, args=(listener, (server.host, server.port)), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(20)


def _pass_on(listener: socket.socket, to: tuple[str, int]) -> None:
    here, _ = listener.accept()
    with here, socket.create_connection(to) as there:
        back = threading.Thread(target=_answers, args=(there, here, committing := threading.Event()), daemon=True)
        back.start()
        while said := here.recv(65_536):
            if b"COMMIT" in said:
                committing.set()
            there.sendall(said)
        there.shutdown(socket.SHUT_WR)
        back.join(10)


def _answers(there: socket.socket, here: socket.socket, committing: threading.Event) -> None:
    while said := there.recv(65_536):
        if committing.is_set():
            here.shutdown(socket.SHUT_RDWR)
            return
        here.sendall(said)


def test_a_commit_whose_answer_is_lost_is_no_failure_that_doubles_or_loses(timescaledb_server: Postgres, timescaledb_database: str) -> None:
    door = Door("in doubt")
    enrol(timescaledb_database, door)
    letters = [(door.topic, said.encode()) for said in door.taps(3)]

    with without_the_answer_to_commit(timescaledb_server) as port:
        by_there = f"postgresql://postgres@127.0.0.1:{port}{urlsplit(timescaledb_database).path}?sslmode=disable&gssencmode=disable"
        with closing(Store(by_there)) as store, pytest.raises(DatabaseAway):
            keep(store, letters)
    assert rows(timescaledb_database, "SELECT count(*) FROM receipt") == [(3,)]  # it was committed, and nobody here knows

    with closing(Store(timescaledb_database)) as store:
        receipt = keep(store, letters)[door.device]

    assert (receipt.through, receipt.quarantined) == (3, ())
    assert rows(timescaledb_database, "SELECT count(*), count(DISTINCT seq) FROM tap") == [(3, 3)]


@pytest.mark.parametrize("apart", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_by_a_clock_that_may_be_wrong_nothing_is_judged(postgres_database: str, apart: timedelta) -> None:
    shift = [apart]
    with closing(Store(postgres_database, now=lambda: datetime.now(UTC) + shift[0])) as store:
        with pytest.raises(DatabaseAway, match=r"Mend the one that is wrong\. Nothing is taken until they agree"), store.transaction():
            pass
        shift[0] = timedelta(0)
        with store.transaction():
            pass


@pytest.mark.parametrize("apart", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_clock_that_is_set_wrong_between_two_batches_is_noticed_before_the_second(postgres_database: str, apart: timedelta) -> None:
    shift = [timedelta(0)]
    with closing(Store(postgres_database, now=lambda: datetime.now(UTC) + shift[0])) as store:
        with store.transaction():
            pass
        shift[0] = apart
        for _ in range(2):
            with pytest.raises(DatabaseAway, match="Nothing is taken until they agree"), store.transaction():
                pass
        shift[0] = timedelta(0)
        with store.transaction():
            pass


def test_a_clock_that_is_off_a_little_is_said_and_used(postgres_database: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(Store(postgres_database, now=lambda: datetime.now(UTC) + timedelta(minutes=2))) as store, store.transaction():
        pass

    assert "clock is 120 s ahead of the database's. Mend the one that is wrong." in caplog.text


def test_a_database_that_may_forget_is_told_loudly(postgres_database: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(Store(f"{postgres_database}&options=-c%20synchronous_commit%3Doff")) as store, store.transaction():
        pass

    assert "may forget what it has confirmed" in caplog.text


def test_a_warning_during_a_transaction_leaves_it_in_doubt(postgres_database: str) -> None:
    with closing(Store(postgres_database)) as store:
        with pytest.raises(DatabaseAway, match="already committed"), store.transaction() as desk:
            desk._connection.execute("DO $$ BEGIN RAISE WARNING 'already committed'; END $$")
        with store.transaction():
            pass


def test_a_store_that_is_closed_leaves_no_thread_behind(postgres_database: str) -> None:
    before = set(threading.enumerate())
    with closing(Store(postgres_database)) as store, store.transaction():
        [its_own] = set(threading.enumerate()) - before

    its_own.join(10)

    assert not its_own.is_alive()
