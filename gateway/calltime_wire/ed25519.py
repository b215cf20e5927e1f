"""Who signed, with Ed25519? The one file that imports PyNaCl."""

from __future__ import annotations

from typing import Literal

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from calltime_wire.identity import DeviceId, device_id


class Ed25519Verifier:
    """A 32-byte Ed25519 public key."""

    alg: Literal["EdDSA"] = "EdDSA"

    def __init__(self, public_key: bytes) -> None:
        """Raise ValueError when the key has not 32 bytes."""
        if len(public_key) != 32:
            raise ValueError(f"An Ed25519 public key has 32 bytes; this has {len(public_key)}.")
        self.public_key = public_key
        self._key = VerifyKey(public_key)

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Say whether the signature is this key's over the message; any fault of the signature is a no."""
        try:
            self._key.verify(message, signature)
        except (BadSignatureError, ValueError):
            return False
        return True


class Ed25519Signer:
    """A private key, from its 32-byte seed."""

    alg: Literal["EdDSA"] = "EdDSA"

    def __init__(self, seed: bytes) -> None:
        """Raise ValueError when the seed has not 32 bytes."""
        if len(seed) != 32:
            raise ValueError(f"An Ed25519 seed has 32 bytes; this has {len(seed)}.")
        self._key = SigningKey(seed)
        self.public_key = bytes(self._key.verify_key)

    @property
    def device(self) -> DeviceId:
        """The id of the door that holds this key."""
        return device_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self._key.sign(message).signature
