"""What is a door called? By the fingerprint of its public key, so that an id can be checked against its key."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import NewType

DeviceId = NewType("DeviceId", str)

_SHAPE = re.compile(r"d_[a-z2-7]{26}")


def device_id(public_key: bytes) -> DeviceId:
    """Name the door that owns this public key: `d_` and the first 16 bytes of the key's SHA-256 in lower-case base32, unpadded.

    The key is 32 bytes for Ed25519, and the 65 bytes of the uncompressed point for ES256.
    """
    fingerprint = hashlib.sha256(public_key).digest()[:16]
    return DeviceId("d_" + base64.b32encode(fingerprint).decode("ascii").rstrip("=").lower())


def is_device_id(text: str) -> bool:
    """Say whether the text has the shape of a door's id."""
    return _SHAPE.fullmatch(text) is not None
