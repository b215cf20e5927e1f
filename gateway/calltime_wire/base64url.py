"""How do bytes travel in text? As unpadded base64url (RFC 7515 §2), in its one canonical spelling."""

from __future__ import annotations

import base64
import binascii


def encode(data: bytes) -> str:
    """Spell bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read unpadded base64url back.

    Raises ValueError for padding, foreign characters, and for a spelling that is not the canonical one: two spellings of
    the same signature would otherwise be two digests of the same record.
    """
    over = len(text) % 4
    try:
        data = binascii.a2b_base64(text.encode("ascii").translate(_TO_STANDARD) + b"=" * (-over % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError(f"not base64url: {error}") from error
    if over and text[-1] not in _ENDINGS[over]:
        raise ValueError("not the canonical base64url of these bytes")
    return data


_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/\x00\x00\x00")
_ENDINGS = {1: "", 2: "AQgw", 3: "AEIMQUYcgkosw048"}
"""By the length of the text beyond fours: the last characters that leave no bit over."""
