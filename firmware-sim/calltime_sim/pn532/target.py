"""How does the PN532 itself talk to a card that it has listed, when the host leaves the protocol to it?"""

from calltime_sim.pn532.field import Field, Laid
from calltime_sim.pn532.isodep import ReaderSide

OK, NO_ANSWER = b"\x00", b"\x01"
FORMAT_ERROR, NOT_AUTHENTICATED = b"\x13", b"\x14"

# The chip asks for blocks of at most 64 bytes.
_RATS = bytes.fromhex("E0 50")
_CLASSIC, _AUTHENTICATE = 0x08, (0x60, 0x61)
_OLD_WRITE = 0xA0
_DONE = b"\x0a"


class Target:
    """A listed card. `sending` collects the pieces of a long command, `receiving` holds what is left of a long answer."""

    def __init__(self, field: Field, laid: Laid) -> None:
        self.laid = laid
        self.sending = self.receiving = b""
        self._field = field
        self._ats = b""
        self._reader: ReaderSide | None = None

    def activate(self) -> None:
        """Send RATS, if it is a card that understands it."""
        self._ats, self._reader = b"", None
        if self.laid.smart:
            self._ats = self._over_the_air(_RATS)
        if self._ats:
            self._reader = ReaderSide(self._over_the_air, ats=self._ats)

    def command(self, command: bytes) -> tuple[bytes, bytes]:
        """Status and data of the answer to a whole command."""
        if self._reader is not None:
            answer = self._reader.command(command)
            return (NO_ANSWER, b"") if answer is None else (OK, answer)
        if self.laid.card.sel_res[0] & _CLASSIC and command[:1] and command[0] in _AUTHENTICATE:
            self.laid.fall_idle()
            return NOT_AUTHENTICATED, b""
        said = self._field.exchange(self.laid, command[:2] if _is_old_write(command) else command)
        if said == _DONE and _is_old_write(command):
            said = self._field.exchange(self.laid, command[2:])
        if said == _DONE:
            return OK, b""
        if len(said) < 2:
            return (FORMAT_ERROR if said else NO_ANSWER), b""
        return OK, said[:-2]

    def described(self, number: int) -> bytes:
        """The card as InListPassiveTarget tells it."""
        card, uid = self.laid.card, self.laid.uid
        return bytes([number]) + card.sens_res + card.sel_res + bytes([len(uid)]) + uid + self._ats

    def _over_the_air(self, block: bytes) -> bytes:
        return self._field.exchange(self.laid, block)[:-2]


def _is_old_write(command: bytes) -> bool:
    """The write of MIFARE Classic goes out in two parts: where, and then the 16 bytes."""
    return len(command) == 18 and command[0] == _OLD_WRITE
