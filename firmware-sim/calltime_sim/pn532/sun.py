"""What does an NTAG 424 DNA write into its address at each tap, and does what stands there come from that tag?

Pure. Secure unique NFC messages as NXP's AN12196 has them: PICC data of UID and counter, encrypted under one key, and a MAC under
a session key made of the other.
"""

import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

PADDING_BYTES = 5

# UID mirrored, counter mirrored, a UID of seven bytes follows.
_PICC_DATA_TAG = b"\xc7"
_SV2_HEAD = bytes.fromhex("3C C3 00 01 00 80")
_PROOF = re.compile(r"(?:.*[?&])?e=([0-9A-F]{32})&c=([0-9A-F]{16})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The two keys of 16 bytes that a tag uses in dynamic messages: one hides UID and counter, the other makes the MAC."""

    meta_read: bytes = bytes(16)
    file_read: bytes = bytes(16)

    def __post_init__(self) -> None:
        for name, key in (("meta read", self.meta_read), ("file read", self.file_read)):
            if len(key) != 16:
                raise ValueError(f"The {name} key has {len(key)} bytes. A key has 16: give 32 hex digits.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """What a genuine message says: this tag was read for the `counter`-th time."""

    uid: bytes
    counter: int


def message(tapped: Tapped, keys: Keys, padding: bytes) -> str:
    """The query string `e=…&c=…` of one tap. `padding` is random on a real tag."""
    told = tapped.uid + tapped.counter.to_bytes(3, "little")
    cipher = Cipher(algorithms.AES(keys.meta_read), modes.CBC(bytes(16))).encryptor()
    hidden = cipher.update(_PICC_DATA_TAG + told + padding) + cipher.finalize()
    return f"e={hidden.hex().upper()}&c={_mac(told, keys.file_read).hex().upper()}"


def verify(address: str, keys: Keys) -> Tapped | None:
    """Who was tapped, from an address or its query string; None when it is no message of a tag with these keys."""
    found = _PROOF.fullmatch(address)
    if found is None:
        return None
    hidden, mac = (bytes.fromhex(part) for part in found.groups())
    cipher = Cipher(algorithms.AES(keys.meta_read), modes.CBC(bytes(16))).decryptor()
    told = cipher.update(hidden) + cipher.finalize()
    if told[:1] != _PICC_DATA_TAG or _mac(told[1:11], keys.file_read) != mac:
        return None
    return Tapped(uid=told[1:8], counter=int.from_bytes(told[8:11], "little"))


def _mac(told: bytes, key: bytes) -> bytes:
    """Every second byte of the MAC over nothing: what is protected, UID and counter, is in the session key."""
    return _cmac(_cmac(key, _SV2_HEAD + told), b"")[1::2]


def _cmac(key: bytes, text: bytes) -> bytes:
    cmac = CMAC(algorithms.AES(key))
    cmac.update(text)
    return cmac.finalize()
