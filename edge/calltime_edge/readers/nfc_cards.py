"""Which cards and tags lie on an NFC reader, and what is written on one?

Knows nfcpy's cards (and ndef, its companion for the records on them), whatever the chip hangs on.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator
from typing import Any

import ndef
import nfc
import nfc.tag

from calltime_edge.readers.address import read_address
from calltime_edge.readers.presence import CHANGING
from calltime_edge.readers.sightings import Card, Sighting, Unreadable, Why

# A tag that is still coming closer often fails the first read.
_TRIES = 3

_LIST_PASSIVE_TARGETS = 0x4A
_TWO_OF_TYPE_A = bytearray([2, 0])
_LOOK_SECONDS = 0.5
_UID_SIZES = (4, 7, 10)

# nfcpy takes a card at its word, and trips over one whose answers are too short or make no sense.
_ODD_CARD = (IndexError, RuntimeError, ValueError, struct.error)


def look(frontend: Any) -> list[bytes]:
    """The numbers (UID) of what lies there, of up to two: CHANGING stands for one that has another number at each look.

    The chip is asked for two because its anticollision always picks the same one of two cards, and nobody would know of the other.
    """
    frontend.device.mute()
    said = bytes(frontend.device.chipset.command(_LIST_PASSIVE_TARGETS, _TWO_OF_TYPE_A, timeout=_LOOK_SECONDS))
    return [_identity(uid) for uid in _uids(said)]


def read(frontend: Any, card: bytes) -> Sighting | None:
    """Read the address on a card; None when the card was torn away before all of it was read.

    What holds no address is a badge only if it is still there after every try, for a torn read looks like an empty card. A tag that proves
    itself counts every read, so one read that came out well is the last.
    """
    for _ in range(_TRIES):
        target = _sense(frontend, card)
        if target is None:
            return None
        sighting = _by_number(card) if _is_classic(target) else _written_on(frontend, target, card)
        if sighting is not None:
            return sighting
    return None if _sense(frontend, card) is None else _by_number(card)


def _by_number(card: bytes) -> Sighting:
    return Unreadable(via="nfc", why=Why.CHANGING_NUMBER) if card == CHANGING else Card(uid=card.hex().upper())


def _uids(said: bytes) -> Iterator[bytes]:
    """Take apart the answer: how many, and for each a number, SENS_RES (2 bytes), SEL_RES, the length of the UID, the UID."""
    rest = said[1:]
    for _ in range(said[0] if said else 0):
        size = rest[4] if len(rest) > 4 else 0
        if size not in _UID_SIZES or len(rest) < 5 + size:
            raise OSError(errno.EPROTO, "it tells of cards in a way that no PN532 does")
        yield rest[5 : 5 + size]
        rest = rest[5 + size :]


def _identity(uid: bytes) -> bytes:
    # ISO/IEC 14443-3: a UID of four bytes that begins with 08 is drawn anew whenever the field comes up.
    return CHANGING if len(uid) == 4 and uid[0] == 0x08 else uid


def _sense(frontend: Any, card: bytes) -> Any:
    """Switch the field off and on, and select this card: nfcpy's target, or None when it is not there."""
    wanted = nfc.clf.RemoteTarget("106A")
    if card != CHANGING:
        wanted.sel_req = bytearray(card)
    target = frontend.sense(wanted)
    return None if target is None or target.sdd_res is None else target


def _is_classic(target: Any) -> bool:
    """A MIFARE Classic keeps what it holds under keys and has no address for us: its number is all, and asking for more takes time."""
    sak: int = target.sel_res[0]
    return not sak & 0x20 and bool(sak & 0x18)


def _written_on(frontend: Any, target: Any, card: bytes) -> Sighting | None:
    """The first address that is written on the tag, or its number when it was read and has none; None when it could not be read."""
    try:
        tag = nfc.tag.activate(frontend, target)
        if tag is None or tag.ndef is None:
            return None
        addresses = [record.iri for record in tag.ndef.records if isinstance(record, ndef.UriRecord)]
    except ndef.DecodeError:
        return Unreadable(via="nfc", why=Why.DAMAGED)
    except (nfc.clf.CommunicationError, nfc.tag.TagCommandError, *_ODD_CARD):
        return None
    return read_address(addresses[0], via="nfc") if addresses else _by_number(card)
