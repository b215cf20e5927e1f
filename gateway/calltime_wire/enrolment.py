"""How does a door introduce itself? It answers a one-time code with its public key, signed by that key."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from calltime_wire import base64url, jws, one_reading
from calltime_wire.identity import DeviceId, device_id
from calltime_wire.records import Reference


class Request(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="calltime.enrolment.v1"):
    """Door → server, as a JWS by the very key that it brings: that proves the door holds the private half."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]
    alg: jws.Algorithm
    public_key: Annotated[str, Meta(max_length=128)]


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Server → door: for which carer's pocket, home's wall or telephone line it is, the gateway's key to pin, where the brokers are.

    `broker`: one address or more, with commas between. `password`: with it, and its own id as the user name, the door calls any of
    them; None where they ask for none. A carer or a home that no record could name is refused here, and not at every tap.
    `line`: an older door does not know it and refuses the answer, as it must: it could stand for nobody.
    """

    device: str
    gateway_key: str
    broker: str
    password: Annotated[str, Meta(min_length=1, max_length=128)] | None = None
    carer: Reference | None = None
    home: Reference | None = None
    line: Reference | None = None


class NotARequest(ValueError):
    """The bytes are no enrolment request, or one that its own key did not sign; the message says why."""


def encode(code: str, public_key: bytes, signer: jws.Signer) -> str:
    """Write a door's request."""
    request = Request(code=code, alg=signer.alg, public_key=base64url.encode(public_key))
    return jws.sign(msgspec.json.encode(request), signer)


def decode(compact: str) -> tuple[Request, bytes, jws.Parts]:
    """Read a request: itself, the public key's bytes, and the JWS to verify with that key. Raises NotARequest."""
    try:
        parts = jws.split(compact)
        request = one_reading.decode(parts.payload, _decoder)
        return request, base64url.decode(request.public_key), parts
    except ValueError as error:
        raise NotARequest(f"This is not an enrolment request: {error}") from error


def device_of(public_key: bytes) -> DeviceId:
    """Name the door that brings this key."""
    return device_id(public_key)


_decoder = msgspec.json.Decoder(Request)
