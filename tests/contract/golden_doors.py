"""Who speaks in the golden messages? Doors and gateways with fixed keys, for tests only, and a way to sign what no real door would."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.es256 import ORDER
from calltime_wire.identity import DeviceId, device_id


class Es256Signer:
    """A P-256 key that signs the same bytes in the same way each time (RFC 6979), with the lower s."""

    alg: Literal["ES256"] = "ES256"

    def __init__(self, secret: bytes) -> None:
        self._key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def device(self) -> DeviceId:
        return device_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


Signer: TypeAlias = Ed25519Signer | Es256Signer


def _test_only(name: str) -> bytes:
    """Make a private key that everybody can know: it stands for nobody."""
    return hashlib.sha256(f"calltime, test only: {name}".encode()).digest()


PHONE = Ed25519Signer(_test_only("a carer's phone"))
READER = Ed25519Signer(_test_only("the reader in a hall"))
LINE = Ed25519Signer(_test_only("a telephone line"))
OLD_PHONE = Es256Signer(_test_only("a phone whose browser lacks Ed25519"))
STRANGER = Ed25519Signer(_test_only("a key that nobody enrolled"))
GATEWAY = Ed25519Signer(_test_only("the gateway"))
OTHER_GATEWAY = Ed25519Signer(_test_only("the gateway of somebody else"))


def enrolled(door: Signer, *, revoked: bool = False) -> dict[str, Any]:
    """Describe a door as the gateway knows it."""
    described: dict[str, Any] = {"alg": door.alg, "public_key": unpadded(door.public_key)}
    return {**described, "revoked": True} if revoked else described


def unpadded(data: bytes) -> str:
    """Spell bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def written(message: dict[str, Any]) -> bytes:
    """Write JSON without a blank, fields in the order given."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


def compact(message: dict[str, Any] | bytes, signer: Signer, *, header: dict[str, Any] | bytes | None = None) -> str:
    """Sign a message, under any header."""
    chosen = {"alg": signer.alg} if header is None else header
    parts = [part if isinstance(part, bytes) else written(part) for part in (chosen, message)]
    signing_input = ".".join(unpadded(part) for part in parts)
    return f"{signing_input}.{unpadded(signer.sign(signing_input.encode()))}"


def digest_of(signed: str) -> str:
    """Spell the SHA-256 of a compact JWS."""
    return unpadded(hashlib.sha256(signed.encode()).digest())
