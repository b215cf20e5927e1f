"""How does an address stand on a tag?"""


def record_of(address: str) -> bytes:
    """One NDEF record that is a whole message: the address as a URI, with `https://` shortened to its code."""
    uri = b"\x04" + address[8:].encode() if address.startswith("https://") else b"\x00" + address.encode()
    if len(uri) > 0xFF:
        raise ValueError(f"The address has {len(uri)} bytes, and a short record holds 255. Use a shorter host or tag id.")
    return bytes([0xD1, 0x01, len(uri)]) + b"U" + uri
