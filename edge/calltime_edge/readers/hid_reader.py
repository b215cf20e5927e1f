"""What does a QR scanner type that pretends to be a keyboard?

The only file that knows evdev.
"""

from __future__ import annotations

import errno
import select
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

import evdev
from evdev import ecodes

from calltime_edge.readers.hid_keys import Keys
from calltime_edge.readers.scanning import LISTEN_SECONDS, scanned
from calltime_edge.readers.sightings import ReaderGone, Sighting
from calltime_wire.status import ReaderState

_NEXT = "Check its cable and its name, and that this program may use it (group input); until it answers, nobody can tap here by code."

Event: TypeAlias = tuple[int, int, int]
"""Type, code and value of an input event of Linux."""
Opening: TypeAlias = Callable[[str], AbstractContextManager[Callable[[float], Iterable[Event]]]]
"""Opens a keyboard for as long as a `with` lasts, as something that waits so many seconds for events. Raises OSError when it is lost."""


@contextmanager
def keyboard(port: str) -> Iterator[Callable[[float], Iterable[Event]]]:
    """Open a keyboard for us alone, so that codes are not typed into a console as well."""
    device = evdev.InputDevice(port if port.startswith("/") else _named(port))
    try:
        device.grab()

        def wait(seconds: float) -> Iterable[Event]:
            ready, _, _ = select.select([device.fd], [], [], seconds)
            return [(event.type, event.code, event.value) for event in device.read()] if ready else ()

        yield wait
    finally:
        device.close()


class HidReader:
    """A scanner at a path such as /dev/input/by-id/usb-…-event-kbd, or the one keyboard whose name holds `port`.

    It is never guessed: the other keyboard may be the installer's, and whatever is read here types nowhere else.
    """

    def __init__(self, port: str, *, opening: Opening = keyboard) -> None:
        self.name = f"QR scanner at {port}"
        self._port = port
        self._opening = opening

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        keys = Keys()
        try:
            with self._opening(self._port) as wait:
                yield from scanned(lambda: b"".join(_typed(keys, event) for event in wait(LISTEN_SECONDS)), stop, tell)
        except OSError as trouble:
            raise ReaderGone(f"The {self.name} does not answer ({trouble.args[-1]}). {_NEXT}") from trouble


def _typed(keys: Keys, event: Event) -> bytes:
    kind, code, value = event
    if kind == ecodes.EV_KEY:
        return keys.typed(code, value)
    return keys.lost() if kind == ecodes.EV_SYN and code == ecodes.SYN_DROPPED else b""


def _named(words: str) -> str:
    """The path of the one keyboard whose name holds these words, in capitals or not."""
    keyboards = dict(_keyboards())
    found = [path for path, name in keyboards.items() if words.casefold() in name.casefold()]
    if len(found) == 1:
        return found[0]
    there = ", ".join(keyboards.values()) or "none at all"
    how_many = "several keyboards have" if found else "no keyboard has"
    raise OSError(errno.ENODEV, f"{how_many} this in the name; keyboards here: {there}")


def _keyboards() -> Iterator[tuple[str, str]]:
    """Path and name of whatever has letters and Enter; a scanner's other halves, such as its volume keys, have not."""
    for path in evdev.list_devices():
        device = evdev.InputDevice(path, readonly=True)
        try:
            if {ecodes.KEY_A, ecodes.KEY_ENTER} <= set(device.capabilities().get(ecodes.EV_KEY, [])):
                yield path, device.name
        finally:
            device.close()
