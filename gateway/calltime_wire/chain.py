"""Does a record fit between its neighbours? Each names the digest of the one before it, so a removed or rewritten record shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calltime_wire import base64url
from calltime_wire.records import Record
from calltime_wire.refusals import Reason, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record as its neighbours see it: its digest, and the digest that it names as the one before (None for the first)."""

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
    if (seq == 1) != (own.prev is None):
        return _refuse(record, Reason.CHAIN_BROKEN, f"Record {seq} must {'not name' if seq == 1 else 'name'} a record before it.")
    before, after = stored.get(seq - 1), stored.get(seq + 1)
    if before is not None and before.digest != own.prev:
        return _refuse(record, Reason.CHAIN_BROKEN, f"Record {seq} does not follow the record {seq - 1} that is stored.")
    if after is not None and after.prev != own.digest:
        return _refuse(record, Reason.CHAIN_BROKEN, f"Record {seq + 1}, which is stored, follows another record {seq} than this one.")
    return None


def _refuse(record: Record, reason: Reason, says: str) -> Refused:
    return Refused(reason=reason, says=says, device=record.device, seq=record.data.seq)
