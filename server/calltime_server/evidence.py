"""Did this key sign that text? The one file of the server that imports PyNaCl and cryptography.

The server reads signed records from the database and what doors ask for, all as compact JWS (RFC 7515): EdDSA by RFC 8037, or ES256 by
RFC 7518 for phones whose browser lacks Ed25519. The enrolled algorithm decides, never the one that a message names.
"""

import base64
import binascii
import hashlib
import json
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

Algorithm = Literal["EdDSA", "ES256"]
Verdict = Literal["verifies", "does not verify"]

ORDER = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
"""The number of points of P-256 (FIPS 186-4, D.1.2.3)."""


class Unreadable(ValueError):
    """The text is no compact JWS, or no base64url; the message says why."""


def verify(compact: str, *, alg: str, public_key: bytes) -> Verdict:
    """Say whether the signature is this key's under the algorithm that it was enrolled with. What is malformed does not verify."""
    try:
        header, _, signature = _parts(compact)
        # Anything else in the header (`crit`, `b64`, …) would change what the signature means.
        if json.loads(header) != {"alg": alg}:
            return "does not verify"
        _check(compact.rpartition(".")[0].encode("ascii"), signature, alg=alg, public_key=public_key)
    except (BadSignatureError, InvalidSignature, ValueError, RecursionError):
        return "does not verify"
    return "verifies"


def payload_of(compact: str) -> bytes:
    """Take out what was signed, verified or not. Raises Unreadable."""
    return _parts(compact)[1]


def device_of(public_key: bytes) -> str:
    """Name the door that owns this key: an id that can be checked against the key."""
    fingerprint = hashlib.sha256(public_key).digest()[:16]
    return "d_" + base64.b32encode(fingerprint).decode("ascii").rstrip("=").lower()


def to_base64url(data: bytes) -> str:
    """Spell bytes without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """Read them back; only the one canonical spelling is taken. Raises Unreadable."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise Unreadable(f"not base64url: {error}") from error
    if to_base64url(data) != text:
        raise Unreadable("not the canonical base64url of these bytes")
    return data


def _parts(compact: str) -> tuple[bytes, bytes, bytes]:
    pieces = compact.split(".")
    if len(pieces) != 3:
        raise Unreadable(f"a compact JWS has three parts between dots, and this has {len(pieces)}")
    header, payload, signature = map(from_base64url, pieces)
    return header, payload, signature


def _check(signed: bytes, signature: bytes, *, alg: str, public_key: bytes) -> None:
    """Raise BadSignatureError, InvalidSignature or ValueError unless the signature is this key's."""
    match alg:
        case "EdDSA":
            VerifyKey(public_key).verify(signed, signature)
        case "ES256":
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            # Only the lower s, as on the wire: anybody can turn one into the other without the key, and a record would have two digests.
            if len(signature) != 64 or s > ORDER // 2:
                raise ValueError("an ES256 signature is r and the lower s, 32 bytes each")
            _point(public_key).verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
        case _:
            raise ValueError(f"no door is enrolled with {alg}")


def _point(public_key: bytes) -> EllipticCurvePublicKey:
    # A point has shorter spellings, too; with them one key would have several names.
    if len(public_key) != 65 or public_key[0] != 4:
        raise ValueError("an ES256 public key is the 65 bytes of an uncompressed point")
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)
