"""How is a message signed? As a JWS in compact serialisation (RFC 7515), with EdDSA (RFC 8037) or ES256 (RFC 7518)."""

from __future__ import annotations

import hashlib
from typing import Literal, Protocol

import msgspec

from calltime_wire import base64url, one_reading

Algorithm = Literal["EdDSA", "ES256"]


class NotJws(ValueError):
    """The text is not a compact JWS that this contract knows; the message says which part and why."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The protected header. Whatever else stands there (`crit`, `jwk`, `b64`, …) is refused: it would change what a signature means."""

    alg: Algorithm


class Parts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A compact JWS taken apart; nothing is verified yet.

    Here as in the other values that every record comes by: `gc=False`, because they form no circles, and the garbage collector would
    else look at each of thousands again and again.
    """

    alg: Algorithm
    payload: bytes
    signing_input: bytes
    signature: bytes


class Signer(Protocol):
    """A private key and its algorithm."""

    @property
    def alg(self) -> Algorithm:
        """The `alg` that goes into the header."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of the message, 64 bytes."""


class Verifier(Protocol):
    """A public key and the one algorithm that it was enrolled with."""

    @property
    def alg(self) -> Algorithm:
        """The only `alg` that is accepted with this key."""

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the signature is this key's over the message."""


def sign(payload: bytes, signer: Signer) -> str:
    """Sign a payload and return the compact JWS."""
    signing_input = f"{_HEADERS[signer.alg]}.{base64url.encode(payload)}"
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode('ascii')))}"


def split(compact: str) -> Parts:
    """Take a compact JWS apart, or raise NotJws."""
    pieces = compact.split(".")
    if len(pieces) != 3:
        raise NotJws(f"A compact JWS has three parts between dots; this has {len(pieces)}.")
    header, payload, signature = pieces
    try:
        return Parts(
            alg=_ALGS.get(header) or _alg(header),
            payload=base64url.decode(payload),
            signing_input=compact[: -len(signature) - 1].encode("ascii"),
            signature=base64url.decode(signature),
        )
    except ValueError as error:  # msgspec's errors are ValueErrors too
        raise NotJws(f"The JWS cannot be read: {error}.") from error


def is_signed_by(parts: Parts, verifier: Verifier) -> bool:
    """Verify: the enrolled algorithm decides, never the one that the message names."""
    return parts.alg == verifier.alg and verifier.verify(parts.signing_input, parts.signature)


def digest(compact: str) -> bytes:
    """SHA-256 over the compact JWS: the link of the chain (32 bytes)."""
    return hashlib.sha256(compact.encode("ascii")).digest()


def _alg(header: str) -> Algorithm:
    return one_reading.decode(base64url.decode(header), _header).alg


def _spell(alg: Algorithm) -> str:
    return base64url.encode(msgspec.json.encode(Header(alg=alg)))


_header = msgspec.json.Decoder(Header)
_HEADERS: dict[Algorithm, str] = {"EdDSA": _spell("EdDSA"), "ES256": _spell("ES256")}
_ALGS = {header: alg for alg, header in _HEADERS.items()}
"""The headers as we spell them. It is how all but a foreign door does, and needs no reading."""
