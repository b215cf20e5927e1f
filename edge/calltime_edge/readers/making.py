"""Which reader does a setting mean?

Each kind brings a library of its own, which is loaded only when a reader of that kind is made: a door has little memory.
"""

from __future__ import annotations

from calltime_edge.readers.sightings import Reader

KINDS = ("pn532", "acr122u", "qr-serial", "qr-hid")


def make(kind: str, port: str, *, hold_seconds: float, baud: int) -> Reader:
    """Make one reader of KINDS. Raises ValueError: no such kind, or no port where only the installer can know it.

    `port`: a serial port, a path under /dev/input or a part of the keyboard's name; for an ACR122U nothing (the first free one) or its USB
    bus. `hold_seconds` counts for NFC and `baud` for a scanner on a serial port.
    """
    if not port and kind != "acr122u":
        raise ValueError(f"A reader of the kind {kind} needs a port. Name the one that it is plugged into.")
    match kind:
        case "pn532":
            from calltime_edge.readers.nfc_reader import NfcReader

            return NfcReader(port, hold_seconds=hold_seconds)
        case "acr122u":
            from calltime_edge.readers.nfc_reader import NfcReader
            from calltime_edge.readers.nfc_usb import acr122u

            return NfcReader(port or "usb", opening=acr122u, hold_seconds=hold_seconds)
        case "qr-serial":
            from calltime_edge.readers.code_reader import CodeReader

            return CodeReader(port, baud)
        case "qr-hid":
            from calltime_edge.readers.hid_reader import HidReader

            return HidReader(port)
        case _:
            raise ValueError(f"There is no reader of the kind {kind}. There are {', '.join(KINDS)}.")
