"""Who signed, with ES256 (for phones whose browser lacks Ed25519)? The one file that imports `cryptography`."""

from __future__ import annotations

from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

ORDER = 0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551
"""The number of points of P-256 (FIPS 186-4, D.1.2.3)."""


class Es256Verifier:
    """A P-256 public key as the 65 bytes of its uncompressed point (what WebCrypto exports as `raw`)."""

    alg: Literal["ES256"] = "ES256"

    def __init__(self, public_key: bytes) -> None:
        """Raise ValueError when the bytes are not an uncompressed point of P-256."""
        if len(public_key) != 65 or public_key[0] != 4:
            raise ValueError("An ES256 public key is the 65 bytes of an uncompressed P-256 point, beginning with 04.")
        self.public_key = public_key
        self._key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public_key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the signature (r and s, 32 bytes each: RFC 7518 §3.4) is this key's over the message.

        Only the lower of the two possible s is taken: anybody can turn one into the other without the key, and a record would have
        two digests. A door whose library gives the upper one sends `ORDER - s`.
        """
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if len(signature) != 64 or s > ORDER // 2:
            return False
        try:
            self._key.verify(encode_dss_signature(r, s), message, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True
