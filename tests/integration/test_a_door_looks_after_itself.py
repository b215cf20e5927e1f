"""Does a door notice that a part of it no longer moves, and leave it to the service manager to start it again?"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from calltime_edge import feedback
from calltime_edge.agent import Agent
from calltime_edge.door import ENDING, Door, describe
from calltime_edge.notifying import Notifier
from calltime_edge.outbox import Outbox, OutboxDamaged
from calltime_edge.publisher import Publisher
from calltime_edge.readers.sightings import Sighting
from calltime_edge.watching import Watch
from calltime_wire.status import ReaderState
from fixtures.doors import DOOR, HandClock, enrolled
from fixtures.waiting import wait_until


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, folder: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(20)
        self.notifier = Notifier({"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "20000"})

    def next(self) -> list[str]:
        return self._socket.recv(4096).decode().splitlines()

    def close(self) -> None:
        self.notifier.close()
        self._socket.close()


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    listening = Manager(tmp_path)
    yield listening
    listening.close()


@pytest.fixture
def no_signals() -> Iterator[None]:
    """As `run` has it: whoever waits for a signal gets it, and nobody else."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Hanging:
    """A reader that says one word and is never heard of again."""

    name = "hanging"

    def __init__(self, state: ReaderState) -> None:
        self._state = state

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        tell(self._state)
        stop.wait()
        yield from ()


def door_in(folder: Path, *, readers: tuple[str, ...] = (), hanging: tuple[Hanging, ...] = ()) -> Door:
    outbox, clock, fitted, whose = Outbox(folder / "outbox.sqlite"), HandClock(), feedback.make(), enrolled(broker="mqtt://127.0.0.1:1")
    watch = Watch(hanging, lambda _: None)
    publisher = Publisher(enrolled=whose, outbox=outbox, status=lambda online: describe(outbox, clock, watch, online=online))
    agent = Agent(enrolled=whose, signer=DOOR, outbox=outbox, clock=clock, feedback=fitted, recorded=publisher.nudge)
    return Door(
        folder=folder,
        enrolled=whose,
        outbox=outbox,
        clock=clock,
        fitted=fitted,
        publisher=publisher,
        agent=agent,
        watch=watch,
        readers=readers,
    )


def at_work(door: Door, manager: Manager, folder: Path) -> tuple[threading.Thread, list[bool]]:
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(door.work(manager.notifier, folder / "state.json")))
    thread.start()
    return thread, ended


def end(thread: threading.Thread) -> None:
    assert thread.ident is not None
    signal.pthread_kill(thread.ident, signal.SIGTERM)
    thread.join(20)


@pytest.mark.usefixtures("no_signals")
def test_a_door_whose_outbox_is_damaged_ends_so_that_its_next_start_can_save_what_is_left(tmp_path: Path, manager: Manager) -> None:
    door = door_in(tmp_path)
    thread, ended = at_work(door, manager, tmp_path)
    assert manager.next() == ["READY=1"]
    assert manager.next()[-1] == "WATCHDOG=1"

    door.outbox.damage = OutboxDamaged("half a page is missing")
    thread.join(20)

    assert ended == [False]
    assert not (tmp_path / "state.json").exists()


@pytest.mark.usefixtures("no_signals")
def test_a_door_one_of_whose_readers_has_ended_is_silent_towards_the_service_manager(
    tmp_path: Path, manager: Manager, caplog: pytest.LogCaptureFixture
) -> None:
    door = door_in(tmp_path, readers=("NFC reader at /dev/serial0",))
    thread, ended = at_work(door, manager, tmp_path)
    assert manager.next() == ["READY=1"]

    end(thread)

    assert ended == [True]
    assert manager.next() == ["STOPPING=1"]
    assert "NFC reader at /dev/serial0 ended, and should not have" in caplog.text


@pytest.mark.usefixtures("no_signals")
def test_a_door_one_of_whose_readers_hangs_is_silent_towards_the_service_manager(
    tmp_path: Path, manager: Manager, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calltime_edge.watching.STUCK_AFTER", -1.0)
    door = door_in(tmp_path, hanging=(Hanging("ready"),))
    thread, ended = at_work(door, manager, tmp_path)
    assert manager.next() == ["READY=1"]

    end(thread)

    assert ended == [True]
    assert manager.next() == ["STOPPING=1"]
    assert "hanging: stuck." in caplog.text


@pytest.mark.usefixtures("no_signals")
@pytest.mark.parametrize(("state", "ready"), [("ready", True), ("silent", False), ("gone", False)])
def test_a_door_shows_itself_ready_only_when_a_reader_is(tmp_path: Path, manager: Manager, state: ReaderState, ready: bool) -> None:
    door = door_in(tmp_path, hanging=(Hanging(state),))
    thread, _ = at_work(door, manager, tmp_path)
    try:
        wait_until(lambda: door.fitted._state, within=10, what="the door to know how it is")
    finally:
        end(thread)

    assert door.fitted._state is not None
    assert door.fitted._state.readers_ready == ready
