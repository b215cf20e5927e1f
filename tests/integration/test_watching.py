"""Does a door go on reading, whatever happens to its readers and to what they saw?"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calltime_edge.readers.code_reader import CodeReader
from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Card, Reader, Sighting, Tag, Unreadable, Why
from calltime_edge.watching import STUCK_AFTER, Watch
from calltime_sim.pn532 import Badge, SimulatedPn532
from calltime_sim.scanner import SimulatedScanner
from calltime_wire.status import ReaderState
from fixtures.waiting import wait_until

ADDRESS = "https://calltime.example/t/"


@contextmanager
def watching(readers: list[Reader], handle: Callable[[Sighting], None], *, look_again: float = 0.02) -> Iterator[Watch]:
    watch = Watch(readers, handle, look_again=look_again)
    watch.open()
    try:
        yield watch
    finally:
        watch.close()
        assert not any(thread.is_alive() for thread in watch._threads), "A reader did not stop."


def wait_for_state(watch: Watch, reader: Reader, state: str) -> None:
    wait_until(lambda: watch.states.get(reader.name) == state, within=10, what=f"the {reader.name} to be {state}")


def plug(device: SimulatedScanner | SimulatedPn532, socket: Path) -> None:
    """Where a reader is plugged in keeps its name, as /dev/serial/by-path does."""
    socket.unlink(missing_ok=True)
    socket.symlink_to(device.port)


def test_a_scanner_that_is_pulled_out_and_plugged_in_again_is_read_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Sighting] = []
    socket = tmp_path / "scanner"
    reader = CodeReader(str(socket))
    with watching([reader], seen.append) as watch:
        for visit in ("first", "second"):
            wait_for_state(watch, reader, "gone")
            with SimulatedScanner() as scanner:
                plug(scanner, socket)
                wait_for_state(watch, reader, "ready")
                scanner.scan(ADDRESS + visit)
                wait_until(lambda: seen and seen[-1] == Tag(via="qr", ref=visit), within=10, what=f"the {visit} code")  # noqa: B023
        wait_for_state(watch, reader, "gone")

    assert len(seen) == 2
    # Once at each change, however often it was looked for in between: not there yet, pulled out, pulled out.
    assert caplog.text.count("does not answer") == 3
    assert caplog.text.count(f"ready: {reader.name}") == 2


def test_an_nfc_reader_that_is_pulled_out_and_plugged_in_again_is_read_again(tmp_path: Path) -> None:
    seen: list[Sighting] = []
    socket = tmp_path / "nfc"
    reader = NfcReader(str(socket), poll_seconds=0.005)
    with watching([reader], seen.append) as watch:
        for uid in ("9C3310B2", "045D217A901180"):
            with SimulatedPn532() as chip:
                plug(chip, socket)
                wait_for_state(watch, reader, "ready")
                chip.present(Badge(uid=bytes.fromhex(uid)))
                wait_until(lambda: seen and seen[-1] == Card(uid=uid), within=10, what=f"the badge {uid}")  # noqa: B023
            wait_for_state(watch, reader, "gone")

    assert len(seen) == 2


def test_a_port_that_opens_with_no_chip_behind_it_is_never_ready(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with SimulatedScanner() as no_chip, watching([reader := NfcReader(no_chip.port)], lambda _: None) as watch:
        wait_for_state(watch, reader, "silent")

    assert "ready" not in caplog.text


def test_a_scanner_that_babbles_says_so_once_and_is_ready_again_with_the_next_clean_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Sighting] = []
    with SimulatedScanner() as scanner, watching([reader := CodeReader(scanner.port)], seen.append) as watch:
        scanner.wait_until_heard()
        for _ in range(3):
            scanner.type_bytes(b"\xfe\x80\r")
        wait_for_state(watch, reader, "babbling")
        scanner.scan(ADDRESS + "abc")
        wait_for_state(watch, reader, "ready")

    assert seen == [Unreadable(via="qr", why=Why.BABBLE), Tag(via="qr", ref="abc")]
    assert caplog.text.count("babbling: ") == 1
    assert caplog.text.count("ready: ") == 2


def test_one_reader_that_is_gone_does_not_keep_the_other_from_reading(tmp_path: Path) -> None:
    seen: list[Sighting] = []
    gone = CodeReader(str(tmp_path / "nothing"))
    with SimulatedScanner() as scanner, watching([gone, there := CodeReader(scanner.port)], seen.append) as watch:
        wait_for_state(watch, there, "ready")
        wait_for_state(watch, gone, "gone")
        scanner.scan(ADDRESS + "abc")
        wait_until(lambda: seen == [Tag(via="qr", ref="abc")], within=10, what="the code")


class Busy:
    """A reader that always sees something."""

    def __init__(self, name: str) -> None:
        self.name = name

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        tell("ready")
        while not stop.is_set():
            yield Card(uid=self.name)


class Hanging:
    """A reader that answers once and is never heard of again."""

    name = "hanging"

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        tell("ready")
        stop.wait()
        yield from ()


def long_after(watch: Watch) -> list[str]:
    """Who is stuck, if from now on nothing were heard of any reader until just after it counts."""
    return watch.stuck(time.monotonic() + STUCK_AFTER + 0.001)


def test_a_reader_that_hangs_is_stuck_and_one_that_looks_again_and_again_or_is_waited_for_is_not(tmp_path: Path) -> None:
    hanging, gone = Hanging(), CodeReader(str(tmp_path / "nothing"))
    with (
        SimulatedScanner() as scanner,
        watching([hanging, there := CodeReader(scanner.port), gone], lambda _: None, look_again=60) as watch,
    ):
        for reader, state in ((hanging, "ready"), (there, "ready"), (gone, "gone")):
            wait_for_state(watch, reader, state)
        later = time.monotonic() + STUCK_AFTER + 0.1
        assert watch.stuck(time.monotonic()) == []
        wait_until(lambda: watch.stuck(later) == [hanging.name], within=10, what="a word from the one that is there")


def test_a_sighting_that_is_handled_for_ever_makes_its_reader_stuck() -> None:
    handling, let_go = threading.Event(), threading.Event()

    def handle(_: Sighting) -> None:
        handling.set()
        let_go.wait(60)

    with watching([Busy("A")], handle) as watch:
        assert handling.wait(10)
        assert long_after(watch) == ["A"]
        let_go.set()


def test_what_two_readers_see_is_handled_one_after_the_other() -> None:
    inside = threading.Lock()
    handled: list[Sighting] = []
    overlaps: list[Sighting] = []

    def handle(sighting: Sighting) -> None:
        if not inside.acquire(blocking=False):
            overlaps.append(sighting)
            return
        threading.Event().wait(0.001)  # long enough for the other reader to come in, if it could
        handled.append(sighting)
        inside.release()

    def both_often() -> bool:
        return min(handled.count(Card(uid="A")), handled.count(Card(uid="B"))) >= 20

    with watching([Busy("A"), Busy("B")], handle):
        wait_until(both_often, within=20, what="twenty sightings of each reader")

    assert overlaps == []


def test_a_sighting_that_cannot_be_handled_is_told_with_its_trace_and_the_next_one_is_handled(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[Sighting] = []

    def handle(sighting: Sighting) -> None:
        if sighting == Tag(via="qr", ref="bad"):
            raise ZeroDivisionError("a fault of ours")
        seen.append(sighting)

    with SimulatedScanner() as scanner, watching([CodeReader(scanner.port)], handle):
        scanner.wait_until_heard()
        scanner.scan(ADDRESS + "bad")
        scanner.wait_until_heard()
        scanner.scan(ADDRESS + "good")
        wait_until(lambda: seen == [Tag(via="qr", ref="good")], within=10, what="the next scan")

    assert "something failed that nobody foresaw" in caplog.text
    assert "ZeroDivisionError: a fault of ours" in caplog.text
    assert caplog.text.count("Traceback") == 1
