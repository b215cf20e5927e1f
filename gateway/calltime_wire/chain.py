"""Does a record fit between its neighbours? Each names the digest of the one before it, so a removed or rewritten record shows.

A door whose memory is gone cannot name the record before. Its boot record may then name none, if it declares that very number lost:
the chain is open there, and everybody can see that it is. The office may hold the record before all the same, because it came before the
loss or comes late, and then there is nothing to compare the two by. So whoever holds the key could fill a lost number later with what he
likes; it is signed, and when it came and that it had been declared lost stand beside it. Nobody without the key gains anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from calltime_wire import base64url
from calltime_wire.records import Boot, Record
from calltime_wire.refusals import Reason, Refused


class Link(Struct, frozen=True, kw_only=True, gc=False):
    """A record as its neighbours see it: its digest, and the digest that it names as the one before.

    That is None for the first record, and for a boot that declares the one before lost.
    """

    digest: bytes
    prev: bytes | None


def link(record: Record, digest: bytes) -> Link:
    """Make the link of a record whose digest this is."""
    prev = record.data.prev
    return Link(digest=digest, prev=None if prev is None else base64url.decode(prev))


def check(record: Record, own: Link, stored: Mapping[int, Link]) -> Refused | None:
    """Check a record against the stored links of its door, by sequence number. None: it fits, or it is the stored one come again.

    A neighbour that is not stored (yet) says nothing, so records may arrive in any order: whichever of the two comes last
    is checked against the other.
    """
    seq = record.data.seq
    known = stored.get(seq)
    if known is not None:
        if known.digest == own.digest:
            return None
        return _refuse(
            record,
            Reason.FORK,
            f"Another record with number {seq} is stored for this door: two devices hold its key, or its memory was set back.",
        )
    if seq == 1 and own.prev is not None:
        return _refuse(record, Reason.CHAIN_BROKEN, "Record 1 must not name a record before it.")
    if own.prev is None and not _may_name_none(record):
        return _refuse(
            record, Reason.CHAIN_BROKEN, f"Record {seq} must name a record before it, or be a boot that declares {seq - 1} lost."
        )
    before, after = stored.get(seq - 1), stored.get(seq + 1)
    if before is not None and own.prev is not None and before.digest != own.prev:
        return _refuse(record, Reason.CHAIN_BROKEN, f"Record {seq} does not follow the record {seq - 1} that is stored.")
    if after is not None and after.prev is not None and after.prev != own.digest:
        return _refuse(record, Reason.CHAIN_BROKEN, f"Record {seq + 1}, which is stored, follows another record {seq} than this one.")
    return None


def _may_name_none(record: Record) -> bool:
    seq = record.data.seq
    if seq == 1:
        return True
    lost = record.data.lost if isinstance(record, Boot) else ()
    return bool(lost) and lost[-1][1] == seq - 1


def _refuse(record: Record, reason: Reason, says: str) -> Refused:
    return Refused(reason=reason, says=says, device=record.device, seq=record.data.seq)
