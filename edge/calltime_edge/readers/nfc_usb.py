"""How is an ACR122U reached by USB, and what ails it when it does not answer?"""

from __future__ import annotations

import errno
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeAlias

import nfc
import nfc.clf.acr122
import nfc.clf.transport

from calltime_edge.readers.sightings import ReaderGone
from calltime_wire.status import ReaderState

Plugged: TypeAlias = Callable[[str], Iterable[Callable[[], Any]]]
"""What is plugged in at a place: for each reader, what opens nfcpy's transport to it."""

_ACR122U = (0x072F, 0x2200)
_WRITE_MS = 1000

# An ACR122U beeps by itself when a card comes near. At a door the beep is the promise that the tap is safe, so nobody else may beep.
_NO_BEEP_OF_ITS_OWN = bytearray.fromhex("FF 00 52 00 00")

_LOST = (OSError, nfc.clf.acr122.Chipset.Error, nfc.clf.transport.libusb.USBError)
# nfcpy trips over a reader that introduces itself too shortly or too oddly.
_ODD = (AttributeError, IndexError, TypeError, ValueError, struct.error)

_SAYS: dict[ReaderState, str] = {
    "gone": "does not answer ({because}). Check that it is plugged in, that libusb-1.0 is installed, that this program may use it, and "
    "that neither another program nor the driver pn533_usb of the kernel holds it.",
    "silent": "does not answer: it is plugged in and says nothing. Plug it in anew.",
    "babbling": "does not answer: it says what no ACR122U says ({because}). Plug it in anew; if this stays, try another cable.",
}
_UNTIL_THEN = "Until it answers, nobody can tap here by NFC."


class _Usb(nfc.clf.transport.USB):  # type: ignore[misc]  # nfcpy has no types
    """nfcpy's USB transport, which would wait for ever for a reader that takes nothing."""

    def write(self, frame: bytes, timeout: int = _WRITE_MS) -> None:
        super().write(frame, timeout or _WRITE_MS)


def _plugged(place: str) -> list[Callable[[], Any]]:
    found = nfc.clf.transport.USB.find(place) or ()
    return [partial(_Usb, bus, address) for vendor, product, bus, address in found if (vendor, product) == _ACR122U]


@contextmanager
def acr122u(place: str, stop: threading.Event, *, plugged: Plugged = _plugged) -> Iterator[Any]:  # noqa: ARG001 - opening takes no time
    """Open the first free ACR122U, as nfcpy's frontend. Raises ReaderGone, also when it is lost meanwhile.

    `place` is `usb`, or for one of several the bus `usb:001` (or `usb:001:004`, whose second number changes at each plugging in).
    """
    frontend, transport = nfc.ContactlessFrontend(), None
    try:
        frontend.device, transport = _first_free(plugged(place))
        frontend.device._path = place  # noqa: SLF001 - nfcpy's own `open` sets it too, and some of its warnings fail without
        yield frontend
    except _LOST as trouble:
        state = _state(trouble)
        says = _SAYS[state].format(because=trouble.args[-1] if trouble.args else type(trouble).__name__)
        raise ReaderGone(f"The NFC reader at {place} {says} {_UNTIL_THEN}", state) from trouble
    finally:
        with suppress(*_LOST):
            frontend.close()
        # nfcpy stops half-way through closing when the reader is gone, and would hold on to it.
        if transport is not None:
            transport.close()


def _first_free(openings: Iterable[Callable[[], Any]]) -> tuple[Any, Any]:
    last: BaseException = OSError(errno.ENODEV, "no ACR122U is plugged in")
    for opening in openings:
        transport: Any = None
        try:
            transport = opening()
            device = nfc.clf.acr122.init(transport)
            device.chipset.ccid_xfr_block(_NO_BEEP_OF_ITS_OWN)
            return device, transport
        except _LOST as trouble:
            last = trouble
        except _ODD as trouble:
            last = OSError(errno.EPROTO, f"it introduces itself oddly: {trouble}")
        if transport is not None:
            transport.close()
    raise last


def _state(trouble: BaseException) -> ReaderState:
    number = trouble.errno if isinstance(trouble, OSError) else None
    if number == errno.ETIMEDOUT:
        return "silent"
    return "gone" if number in (errno.ENODEV, errno.EACCES, errno.EBUSY, errno.ENOENT) else "babbling"
