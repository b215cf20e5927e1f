"""How does a card of the DESFire family tell its version, part by part?"""

_GET_VERSION, _GO_ON = 0x60, 0xAF
_DONE, _UNKNOWN_COMMAND = 0x00, 0x1C


def production(uid: bytes) -> bytes:
    """The last part: UID, batch, and week and year of production."""
    return uid + bytes.fromhex("BA 45 30 11 22") + bytes.fromhex("07 26")


class Telling:
    """GET_VERSION and what follows it; every other command is refused. Once for each activation."""

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        self._parts = parts
        self._left: tuple[bytes, ...] = ()

    def wrapped(self, code: int) -> bytes:
        """The answer to a command that is wrapped as ISO/IEC 7816-4 has it (class 90)."""
        status, told = self._tell(code)
        return told + bytes([0x91, status])

    def native(self, code: int) -> bytes:
        """The answer to a bare command."""
        status, told = self._tell(code)
        return bytes([status]) + told

    def _tell(self, code: int) -> tuple[int, bytes]:
        left = self._parts if code == _GET_VERSION else self._left if code == _GO_ON else ()
        if not left:
            self._left = ()
            return _UNKNOWN_COMMAND, b""
        told, *rest = left
        self._left = tuple(rest)
        return (_GO_ON if rest else _DONE), told
