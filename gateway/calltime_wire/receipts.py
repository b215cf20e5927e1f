"""What does the gateway promise a door? Which of its records are stored, and which were set aside and why; signed by the gateway's key."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from calltime_wire import jws, one_reading
from calltime_wire.records import Count, Digest, Seq
from calltime_wire.refusals import Reason


class SetAside(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message that is kept in quarantine.

    It is named by its digest: whoever can write to a door's topic could otherwise make the door give up a good record by sending
    a bad one with the same number. `seq` is what the message claims; None where it could not be read.
    """

    digest: Digest
    seq: Seq | None
    reason: Reason


class Receipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="calltime.receipt.v1"):
    """Every record up to `through` is stored, or was declared lost by the door; the one with that number is stored and has this digest.

    By the chain the digest speaks for all before it, back to the last boot that could name none because its door had lost it.
    `also`: ranges (first and last, both included) that are stored beyond a gap. Only `through` lets a door forget;
    `also` and `quarantined` only tell it to stop sending.
    """

    device: Annotated[str, Meta(pattern=r"^d_[a-z2-7]{26}\Z")]
    through: Count
    digest: Digest | None
    also: tuple[tuple[Seq, Seq], ...] = ()
    quarantined: tuple[SetAside, ...] = ()


class NotAReceipt(ValueError):
    """The bytes are no receipt of our gateway for this door; the message says why."""


_decoder = msgspec.json.Decoder(Receipt)


def encode(receipt: Receipt, signer: jws.Signer) -> str:
    """Sign a receipt."""
    return jws.sign(msgspec.json.encode(receipt), signer)


def decode(payload: bytes, *, device: str, gateway: jws.Verifier) -> Receipt:
    """Read a receipt that is meant for this door and signed by the gateway pinned at enrolment, or raise NotAReceipt."""
    try:
        parts = jws.split(payload.decode("ascii"))
        receipt = one_reading.decode(parts.payload, _decoder)
    except ValueError as error:
        raise NotAReceipt(f"This is not a receipt: {error}") from error
    if not jws.is_signed_by(parts, gateway):
        raise NotAReceipt("This receipt is not signed by the gateway that was pinned at enrolment.")
    if receipt.device != device:
        raise NotAReceipt(f"This receipt is for door {receipt.device}, not for door {device}.")
    if (receipt.through == 0) != (receipt.digest is None):
        raise NotAReceipt(f"This receipt says that everything through {receipt.through} is stored, and does not prove it by a digest.")
    return receipt
