"""Why is a message not taken? The closed list of reasons, each with the sentence that a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from calltime_wire.identity import DeviceId


class Reason(StrEnum):
    """The reasons of quarantine. The value is what travels in a receipt and stands in the table."""

    MALFORMED = "malformed"
    TOO_LARGE = "too large"
    UNKNOWN_DOOR = "unknown door"
    REVOKED_DOOR = "revoked door"
    BAD_SIGNATURE = "bad signature"
    WRONG_TOPIC = "wrong topic"
    FORK = "fork"
    CHAIN_BROKEN = "chain broken"
    TIME_OUT_OF_RANGE = "time out of range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message that is quarantined. `device` and `seq` are what the message claims, as far as it could be read."""

    reason: Reason
    says: str
    device: DeviceId | None = None
    seq: int | None = None
