"""Did this key sign that text? The one file of the server that imports PyNaCl.

The server reads signed records from the database and enrolment requests from doors, both as compact JWS (RFC 7515, EdDSA per RFC 8037).
The enrolled algorithm decides, never the one that a message names.
"""

import base64
import binascii
import hashlib
import json
from typing import Literal

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

Verdict = Literal["verifies", "does not verify", "not checked here"]


class Unreadable(ValueError):
    """The text is no compact JWS, or no base64url; the message says why."""


def verify(compact: str, *, alg: str, public_key: bytes) -> Verdict:
    """Say whether the signature is this key's. What is malformed does not verify; ES256 is not checked here yet."""
    if alg != "EdDSA":
        return "not checked here"
    try:
        header, _, signature = _parts(compact)
        # Anything else in the header (`crit`, `b64`, …) would change what the signature means.
        if json.loads(header) != {"alg": alg}:
            return "does not verify"
        VerifyKey(public_key).verify(compact.rpartition(".")[0].encode("ascii"), signature)
    except (BadSignatureError, ValueError, RecursionError):
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
