"""What is held to the PN532 NFC reader on a serial port?

The only file that knows nfcpy (and its companion for the records on a tag, ndef).
"""

import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import ndef
import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag

from calltime_edge.readers.address import read_address
from calltime_edge.readers.presence import Presence
from calltime_edge.readers.sightings import Card, ReaderGone, Sighting, Unreadable, Why

# What comes out of nfcpy when the chip or its cable is gone: IndexError is an answer cut short, termios.error a port that hung up.
_LOST = (OSError, termios.error, IndexError, nfc.clf.pn532.Chipset.Error)

# A tag that is still coming closer often fails the first read.
_TRIES = 3

# A chip whose program was killed still talks at the higher speed that was agreed on, and only a restart of it helps.
_GONE_NEXT = "Check its cable, and if it stays silent take its power away for a moment. Until it answers, nobody can tap here by NFC."


class NfcReader:
    """A PN532 on a serial port. An idle reader looks every `poll_seconds`."""

    def __init__(self, port: str, *, poll_seconds: float = 0.05) -> None:
        self.name = f"NFC reader at {port}"
        self._port = port
        self._poll_seconds = poll_seconds

    def sightings(self, stop: threading.Event, found: Callable[[], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        try:
            with _frontend(self._port) as frontend:
                found()
                yield from self._watch(frontend, stop)
        except _LOST as trouble:
            raise ReaderGone(f"The {self.name} does not answer ({trouble.args[-1]}). {_GONE_NEXT}") from trouble

    def _watch(self, frontend: Any, stop: threading.Event) -> Iterator[Sighting]:
        presence = Presence()
        while not stop.is_set():
            target = frontend.sense(nfc.clf.RemoteTarget("106A"))
            if presence.newly_there(_identity(target)):
                yield _read(frontend, target)
            stop.wait(self._poll_seconds)


@contextmanager
def _frontend(port: str) -> Iterator[Any]:
    """Open the reader. By hand, because the path grammar of nfcpy's own `open` does not know every port (a pty, for one)."""
    transport = nfc.clf.transport.TTY(port)
    frontend = nfc.ContactlessFrontend()
    try:
        frontend.device = nfc.clf.pn532.init(transport)
        yield frontend
    finally:
        with suppress(*_LOST):
            frontend.close()
        # nfcpy stops half-way through closing when the cable is gone, and leaves the port open.
        if transport.tty is not None:
            transport.tty.close()


def _identity(target: Any) -> bytes | None:
    """What stays the same while a card lies there: its UID, or for one with a new UID at every look only that it is such a card."""
    if target is None:
        return None
    return b"changing" if _is_changing(target) else bytes(target.sdd_res)


def _is_changing(target: Any) -> bool:
    # ISO/IEC 14443-3: a UID of four bytes that begins with 08 is drawn anew whenever the field comes up.
    return len(target.sdd_res) == 4 and target.sdd_res[0] == 0x08


def _read(frontend: Any, target: Any) -> Sighting:
    """Read the address; a card is a badge only if it is still there after every try, for a torn read looks like an empty card."""
    found = target
    for _ in range(_TRIES):
        sighting = _address_on(frontend, found)
        if sighting is not None:
            return sighting
        found = _sense_again(frontend, target)
        if found is None:
            return Unreadable(via="nfc", why=Why.TAKEN_AWAY)
    if _is_changing(target):
        return Unreadable(via="nfc", why=Why.CHANGING_NUMBER)
    return Card(uid=bytes(target.sdd_res).hex().upper())


def _sense_again(frontend: Any, target: Any) -> Any:
    wanted = nfc.clf.RemoteTarget("106A")
    if not _is_changing(target):
        wanted.sel_req = target.sdd_res[:]
    return frontend.sense(wanted)


def _address_on(frontend: Any, target: Any) -> Sighting | None:
    """The first address that is written on the tag; None when there is none, or when it could not be read."""
    try:
        tag = nfc.tag.activate(frontend, target)
        if tag is None or tag.ndef is None:
            return None
        addresses = [record.iri for record in tag.ndef.records if isinstance(record, ndef.UriRecord)]
    except (nfc.clf.CommunicationError, nfc.tag.TagCommandError):
        return None
    except ndef.DecodeError:
        return Unreadable(via="nfc", why=Why.DAMAGED)
    return read_address(addresses[0], via="nfc") if addresses else None
