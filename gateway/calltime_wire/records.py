"""What stands in a record? CloudEvents 1.0 with our three kinds of data: a boot, a clock that was set, a tap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from calltime_wire import jws, one_reading
from calltime_wire.identity import DeviceId

MAX_RECORD_BYTES = 4096

Action = Literal["start", "stop", "waiting"]
Sync = Literal["ntp", "gnss", "rtc", "none"]
Reference = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+\Z")]
"""An opaque reference to a tag, a badge, a carer or a home. Never a name."""

Proof = Annotated[str, Meta(max_length=1024, pattern=r"^[!-~]+\Z")]
"""A tag's dynamic message: the query of its address. Printable ASCII, and room for all that fits into an address of a tag."""

_Uuid7 = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")]
_Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")]
_Milliseconds = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z\Z")]
Digest = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
"""Base64url of 32 bytes, in its canonical spelling: the last character carries four bits."""
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]
Span = Annotated[int, Meta(ge=0, le=3_155_760_000_000)]
"""Milliseconds, up to a hundred years: what is added to or taken from a time stays a time."""


class Clock(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the door knew the time: id of this power-up, milliseconds since then, what set the clock, and its error in milliseconds."""

    boot: _Uuid
    up_ms: Span
    sync: Sync
    error_ms: Span


class Place(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where: a tag's id (`nfc`, `qr`), the fixed reader's own home (`reader`), the telephone that called (`line`), or nothing that was
    tapped: the carer says with whom she is (`away`). `proof` is the tag's dynamic message, untouched, or the id of the call.
    """

    via: Literal["nfc", "qr", "reader", "away", "line"]
    ref: Reference
    proof: Proof | None = None


class CarerSeen(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who: a badge that was held to the reader, the carer to whom the device was enrolled, or a PIN that was keyed in on a telephone."""

    via: Literal["badge", "device", "pin"]
    ref: Reference


class Position(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the phone thinks it is: WGS 84 degrees, and metres. Only at a tap, only where the council has switched it on."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, Meta(ge=0)]


class _Data(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seq: Seq
    prev: Digest | None
    clock: Clock


class BootData(_Data, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The door was powered up.

    `lost`: ranges (first and last, both included) of numbers that it no longer holds and will never send. What is stored of them at
    the office stays; the rest is not waited for. Raises ValueError unless they ascend, apart from each other, to below its own number.
    """

    lost: Annotated[tuple[tuple[Seq, Seq], ...], Meta(max_length=64)] = ()

    def __post_init__(self) -> None:
        """One set of numbers has one spelling: ranges that touch are one range."""
        free = 1
        for first, last in self.lost:
            if not free <= first <= last < self.seq:
                raise ValueError(f"`lost` holds [{first}, {last}]: ranges ascend, apart from each other, to below {self.seq}")
            free = last + 2


class ClockData(_Data, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The door learnt the time: every earlier record of this boot can now be placed exactly."""


class TapData(_Data, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A carer tapped."""

    action: Action
    place: Place
    carer: CarerSeen
    position: Position | None = None


class _Envelope(Struct, gc=False, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    specversion: Literal["1.0"]
    id: _Uuid7
    source: Annotated[str, Meta(pattern=r"^/doors/d_[a-z2-7]{26}\Z")]
    time: _Milliseconds

    @property
    def device(self) -> DeviceId:
        """The door that says it."""
        return DeviceId(self.source.removeprefix("/doors/"))

    @property
    def at(self) -> datetime:
        """The door's best estimate of when it happened, UTC. Raises ValueError for a day that no calendar has."""
        return datetime.fromisoformat(self.time)


class Boot(_Envelope, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="calltime.boot.v1"):
    """Record of a power-up."""

    data: BootData


class ClockSet(_Envelope, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="calltime.clock.v1"):
    """Record of a clock that was set."""

    data: ClockData


class Tap(_Envelope, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="calltime.tap.v1"):
    """Record of a tap."""

    data: TapData


Record: TypeAlias = Boot | ClockSet | Tap

_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Boot | ClockSet | Tap)


def encode(record: Record, signer: jws.Signer) -> str:
    """Sign a record and return the compact JWS that is stored, sent and kept as evidence."""
    return jws.sign(msgspec.json.encode(record), signer)


def decode(payload: bytes) -> Record:
    """Read the payload of a record's JWS. Raises ValueError that says which field is wrong and how."""
    record: Record = one_reading.decode(payload, _decoder)
    _ = record.at  # a 30 February has the right shape and is still no day
    return record


def milliseconds(moment: datetime) -> str:
    """Write a moment as records do: UTC, RFC 3339, milliseconds (what is finer is dropped)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
