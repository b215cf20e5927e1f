"""Does the gateway get on with a database that is only slow, and is it seen when the thread that reads hangs?"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from calltime_gateway import checking, overlapping, settings, store
from calltime_gateway.checking import FEW
from calltime_gateway.figures import Figures
from calltime_gateway.floods import Floods
from calltime_gateway.inbox import Inbox
from calltime_gateway.letters import Letter
from calltime_gateway.overlapping import Postroom
from calltime_gateway.store import Store
from calltime_gateway.verifying import Verifying
from calltime_wire.ed25519 import Ed25519Signer
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import rows
from fixtures.waiting import wait_until


class Quiet:
    """A line on which nobody listens."""

    def send(self, topic: str, text: str) -> None:
        """Nowhere."""

    def acknowledged(self, letter: Letter) -> None:
        """To nobody."""


@contextmanager
def running(dsn: str) -> Iterator[tuple[Postroom, Callable[[list[str], Door], list[Letter]]]]:
    """A gateway at work, and how to hand it what a door says."""
    figures = Figures()
    with closing(Store(dsn)) as of_the_batches, closing(Verifying(Store(dsn))) as verifying:
        room = Postroom(
            inbox=Inbox(settings.from_environment({"CALLTIME_DATABASE": dsn}), figures),
            store=of_the_batches,
            verifying=verifying,
            signer=Ed25519Signer(bytes(32)),
            floods=Floods(time.monotonic),
            figures=figures,
            now=lambda: datetime.now(UTC),
            beat=figures.beat,
            stop=threading.Event(),
        )

        def hand_in(said: list[str], door: Door) -> list[Letter]:
            letters = [Letter(topic=door.topic, payload=one.encode(), line=Quiet()) for one in said]
            room.inbox._letters.put(letters)
            return letters

        gateway = threading.Thread(target=overlapping.run, args=[room])
        gateway.start()
        try:
            yield room, hand_in
        finally:
            room.stop.set()
            gateway.join(20)


def all_done(letters: list[Letter]) -> Callable[[], bool]:
    return lambda: all(letter.done for letter in letters)


def test_a_database_that_is_too_slow_for_a_batch_gets_less_at_a_time(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LONGEST", 1.0)
    door = Door("one of many")
    enrol(postgres_database, door)
    with psycopg.connect(postgres_database) as connection:
        connection.execute(
            "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$"
        )
        connection.execute("CREATE TRIGGER slowly BEFORE INSERT ON receipt FOR EACH ROW EXECUTE FUNCTION slowly()")

    with running(postgres_database) as (_, hand_in):
        wait_until(all_done(hand_in(door.taps(60), door)), within=60, what="60 records of which each takes 50 ms")

    assert rows(postgres_database, "SELECT count(*), max(seq) FROM receipt") == [(60, 60)]


def test_a_gateway_whose_reading_hangs_beats_no_more_until_it_goes_on(postgres_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "PATIENCE", 600.0)
    monkeypatch.setattr(overlapping, "STILL", 2.0)
    door = Door("one of many")
    enrol(postgres_database, door)

    with running(postgres_database) as (room, hand_in):
        wait_until(all_done(hand_in(door.taps(FEW), door)), within=20, what="the first letters")
        process = room.verifying._checker._process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        letters = hand_in(door.taps(FEW), door)
        wait_until(lambda: room.figures.still_for() > 4, within=20, what="the beats to end")
        process.send_signal(signal.SIGCONT)
        wait_until(all_done(letters), within=20, what="the other letters")
        wait_until(lambda: room.figures.still_for() < 1, within=20, what="the next beat")
