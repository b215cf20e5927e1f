"""Is this message a record of a door that we know? One message at a time; what its neighbours say is `chain`'s question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from calltime_wire import jws, records, topics
from calltime_wire.refusals import Reason, Refused

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""A synchronised clock cannot have shown less: there was no Calltime."""
AHEAD = timedelta(minutes=10)
"""A synchronised door may be this far ahead of the gateway; what is later has not happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDoor:
    """A door as it was enrolled."""

    verifier: jws.Verifier
    revoked: bool = False


class Claimed(Struct, frozen=True, kw_only=True, gc=False):
    """A message that reads as a record. Nobody has checked the signature yet."""

    record: records.Record
    compact: str
    digest: bytes
    parts: jws.Parts


def read(topic: str, payload: bytes) -> Claimed | Refused:
    """Turn topic and bytes into a claimed record or a refusal. Needs to know no door."""
    device = topics.door_of_records(topic)
    if device is None:
        return Refused(reason=Reason.WRONG_TOPIC, says=f"{topic!r} is not the record topic of a door.")
    if len(payload) > records.MAX_RECORD_BYTES:
        says = f"The message has {len(payload):,} bytes; a record has at most {records.MAX_RECORD_BYTES:,}."
        return Refused(reason=Reason.TOO_LARGE, says=says, device=device)
    try:
        compact = payload.decode("ascii")
        parts = jws.split(compact)
        record = records.decode(parts.payload)
    except ValueError as error:
        return Refused(reason=Reason.MALFORMED, says=str(error), device=device)
    if record.device != device:
        says = f"The record is of door {record.device} and came on the topic of door {device}."
        return Refused(reason=Reason.WRONG_TOPIC, says=says, device=device, seq=record.data.seq)
    return Claimed(record=record, compact=compact, digest=jws.digest(compact), parts=parts)


def verify(claimed: Claimed, door: KnownDoor | None, *, received_at: datetime, signed: bool | None = None) -> Refused | None:
    """Check a claimed record against the door as enrolled and the moment of arrival (UTC). None: it is admitted.

    `signed`: whether the signature is that of the door's key, where that has been looked at before.
    """
    match door:
        case None:
            return _refuse(claimed, Reason.UNKNOWN_DOOR, "No door with this id is enrolled. Enrol it, then: calltime-gateway replay")
        case KnownDoor(revoked=True):
            return _refuse(claimed, Reason.REVOKED_DOOR, "The door was revoked. If that was a mistake, enrol it anew.")
        case KnownDoor(verifier=verifier) if not (jws.is_signed_by(claimed.parts, verifier) if signed is None else signed):
            return _refuse(claimed, Reason.BAD_SIGNATURE, f"The signature is not that of the enrolled {verifier.alg} key.")
    return _check_time(claimed, received_at)


def _check_time(claimed: Claimed, received_at: datetime) -> Refused | None:
    if claimed.record.data.clock.sync == "none":
        return None  # the door says itself that it does not know the time; a clock record places it later
    at = claimed.record.at
    if EARLIEST <= at <= received_at + AHEAD:
        return None
    says = (
        f"The record says {claimed.record.time} with a clock set by {claimed.record.data.clock.sync}; "
        f"it arrived at {records.milliseconds(received_at)}. Check the clock of the door, and that of the gateway."
    )
    return _refuse(claimed, Reason.TIME_OUT_OF_RANGE, says)


def _refuse(claimed: Claimed, reason: Reason, says: str) -> Refused:
    return Refused(reason=reason, says=says, device=claimed.record.device, seq=claimed.record.data.seq)
