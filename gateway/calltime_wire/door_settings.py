"""How does the office set a door from afar? By a small retained message, signed by the key that the door pinned at enrolment."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from calltime_wire import jws, one_reading
from calltime_wire.records import Seq


class DoorSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="calltime.settings.v1"):
    """All that can be set, always in full.

    `revision` grows with every change: a door keeps to the highest that it has read, for a broker can bring an old message back.
    `position` says whether a tap may tell where the phone thinks it is.
    """

    device: Annotated[str, Meta(pattern=r"^d_[a-z2-7]{26}\Z")]
    revision: Seq
    language: Literal["en", "cy"]
    feedback: Literal["sound and light", "sound only", "light only"]
    position: bool


class NotSettings(ValueError):
    """The bytes are no settings of our gateway for this door; the message says why."""


_decoder = msgspec.json.Decoder(DoorSettings)


def encode(settings: DoorSettings, signer: jws.Signer) -> str:
    """Sign settings."""
    return jws.sign(msgspec.json.encode(settings), signer)


def decode(payload: bytes, *, device: str, gateway: jws.Verifier) -> DoorSettings:
    """Read settings that are meant for this door and signed by the gateway pinned at enrolment, or raise NotSettings."""
    try:
        parts = jws.split(payload.decode("ascii"))
        settings = one_reading.decode(parts.payload, _decoder)
    except ValueError as error:
        raise NotSettings(f"These are not settings: {error}") from error
    if not jws.is_signed_by(parts, gateway):
        raise NotSettings("These settings are not signed by the gateway that was pinned at enrolment.")
    if settings.device != device:
        raise NotSettings(f"These settings are for door {settings.device}, not for door {device}.")
    return settings
