"""Does the QR reader see what a scanner types that pretends to be a keyboard?

Where the kernel can make a keyboard (uinput) the scanner types on that. What the reader makes of its keys is shown without one as well,
by a hand-written keyboard at the seam where evdev stands.
"""

import errno
import os
import queue
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from evdev import ecodes

from calltime_edge.readers.hid_reader import Event, HidReader
from calltime_edge.readers.sightings import ReaderGone, Tag, Unreadable, Why
from calltime_sim import hid_scanner
from calltime_sim.hid_scanner import SimulatedHidScanner, strokes
from fixtures.listening import Heard, listening_to
from fixtures.missing_parts import need_of_the_kernel
from fixtures.waiting import wait_until

ADDRESS = "https://calltime.example/t/aB-c_9?e=1F&c=2E"
HOME_SEEN = Tag(via="qr", ref="aB-c_9", proof="e=1F&c=2E")
BABBLE = Unreadable(via="qr", why=Why.BABBLE)


class HandKeyboard:
    """Types what it is told to."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def type_text(self, text: str) -> None:
        for code, value in strokes(text):
            self.press((ecodes.EV_KEY, code, value), (ecodes.EV_SYN, ecodes.SYN_REPORT, 0))

    def press(self, *events: Event) -> None:
        for event in events:
            self._events.put(event)

    def unplug(self) -> None:
        self._events.put(None)

    @contextmanager
    def opening(self, _: str) -> Iterator[Callable[[float], Iterable[Event]]]:
        yield self._wait

    def _wait(self, seconds: float) -> Iterable[Event]:
        with suppress(queue.Empty):
            event = self._events.get(timeout=seconds)
            if event is None:
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            yield event


@contextmanager
def keyboard_and_reader() -> Iterator[tuple[HandKeyboard, Heard]]:
    keyboard = HandKeyboard()
    with listening_to(HidReader("scanner", opening=keyboard.opening)) as heard:
        yield keyboard, heard


@pytest.mark.parametrize("end", ["\r", "\r\r"])
def test_a_scan_is_one_sighting(end: str) -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.type_text(ADDRESS + end + "https://calltime.example/t/last" + end)
        assert [heard.next(), heard.next()] == [HOME_SEEN, Tag(via="qr", ref="last")]


def test_a_tab_ends_a_line_too() -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.type_text(ADDRESS)
        keyboard.press((ecodes.EV_KEY, ecodes.KEY_TAB, 1), (ecodes.EV_KEY, ecodes.KEY_TAB, 0))
        assert heard.next() == HOME_SEEN


def test_a_scanner_in_continuous_mode_is_one_sighting() -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.type_text((ADDRESS + "\r") * 20 + "https://calltime.example/t/last\r")
        assert [heard.next(), heard.next()] == [HOME_SEEN, Tag(via="qr", ref="last")]


@pytest.mark.parametrize(
    "spoils",
    [
        (ecodes.EV_SYN, ecodes.SYN_DROPPED, 0),
        (ecodes.EV_KEY, ecodes.KEY_LEFTALT, 1),
        (ecodes.EV_KEY, ecodes.KEY_CAPSLOCK, 1),
        (ecodes.EV_KEY, ecodes.KEY_F5, 1),
    ],
)
def test_a_line_with_a_key_that_was_lost_or_is_no_text_is_no_code_and_the_next_one_is_read(spoils: Event) -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.type_text("https://calltime.example/t/aB")
        keyboard.press(spoils)
        keyboard.type_text("c\r")
        assert heard.next() == BABBLE
        wait_until(lambda: heard.states == ["ready", "babbling"], within=5, what="the reader to say that it babbles")
        keyboard.type_text(ADDRESS + "\r")
        assert heard.next() == HOME_SEEN
        wait_until(lambda: heard.states == ["ready", "babbling", "ready"], within=5, what="the reader to say that it is ready again")


def test_what_is_no_key_types_nothing() -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.press((ecodes.EV_MSC, ecodes.MSC_SCAN, 0x70004), (ecodes.EV_LED, ecodes.LED_NUML, 1))
        keyboard.type_text(ADDRESS + "\r")
        assert heard.next() == HOME_SEEN


def test_an_unplugged_scanner_is_gone_with_a_sentence() -> None:
    with keyboard_and_reader() as (keyboard, heard):
        keyboard.unplug()
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.state == "gone"
        assert gone.says.startswith("The QR scanner at scanner does not answer (No such device). Check its cable")


@pytest.mark.parametrize("port", ["{tmp}/event7", "/dev/null", "no keyboard of this name"])
def test_a_port_that_is_no_keyboard_is_a_reader_gone(tmp_path: Path, port: str) -> None:
    with listening_to(HidReader(port.format(tmp=tmp_path))) as heard:
        assert isinstance(heard.next(), ReaderGone)


@contextmanager
def made_by_the_kernel() -> Iterator[SimulatedHidScanner]:
    need_of_the_kernel(hid_scanner.missing())
    with SimulatedHidScanner() as scanner:
        yield scanner


def test_on_a_keyboard_of_the_kernel_a_scan_is_a_sighting_and_pulling_it_out_is_a_reader_gone() -> None:
    with made_by_the_kernel() as scanner, listening_to(HidReader(scanner.port)) as heard:
        wait_until(lambda: heard.states == ["ready"], within=5, what="the scanner to be grabbed")
        scanner.scan(ADDRESS)
        assert heard.next() == HOME_SEEN
        scanner.unplug()
        assert isinstance(heard.next(), ReaderGone)


def test_a_keyboard_of_the_kernel_is_found_by_a_part_of_its_name_and_types_nowhere_else() -> None:
    with made_by_the_kernel() as scanner, listening_to(HidReader(hid_scanner.NAME.upper()[:-3])) as heard:
        wait_until(lambda: heard.states == ["ready"], within=5, what="the scanner to be found and grabbed")
        scanner.scan(ADDRESS)
        assert heard.next() == HOME_SEEN
        with listening_to(HidReader(scanner.port)) as second:
            assert isinstance(second.next(), ReaderGone)
