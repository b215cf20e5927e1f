"""Which cards without an address does a carer hold to a reader? A plain badge, a DESFire badge, or a telephone that is no badge at all."""

import random

from calltime_sim.pn532 import desfire_version
from calltime_sim.pn532.cards import SmartCard, Speech, need_uid

_ISO_NOT_FOUND, _ISO_UNKNOWN_COMMAND = bytes.fromhex("6A 82"), bytes.fromhex("6D 00")
_SELECT = bytes.fromhex("00 A4")


class Badge:
    """A MIFARE Classic whose only use is its UID; whoever wants its memory needs a key, and is refused."""

    sel_res = bytes.fromhex("08")

    def __init__(self, *, uid: bytes) -> None:
        self.uid = need_uid(uid, "A badge", 4, 7)
        self.sens_res = bytes.fromhex("00 04" if len(uid) == 4 else "00 44")

    def answer(self, command: bytes) -> bytes:  # noqa: ARG002 - refused, whatever it is
        """Refuse."""
        return b"\x04"


class Desfire(SmartCard):
    """A MIFARE DESFire EV1: tells its version, and refuses the rest."""

    ats = bytes.fromhex("06 75 77 81 02 80")

    def __init__(self, *, uid: bytes) -> None:
        self._uid = need_uid(uid, "A DESFire badge", 7)

    @property
    def uid(self) -> bytes:
        return self._uid

    def awaken(self) -> Speech:
        """See `SmartCard.awaken`."""
        hardware, software = bytes.fromhex("04 01 01 01 00 18 05"), bytes.fromhex("04 01 01 01 04 18 05")
        telling = desfire_version.Telling((hardware, software, desfire_version.production(self._uid)))

        def answer(command: bytes) -> bytes:
            match list(command):
                case [0x90, code, *_]:
                    return telling.wrapped(code)
                case [0x00, *_]:
                    return _refusal(command)
                case [code, *_]:
                    return telling.native(code)
                case _:
                    return telling.native(0)

        return answer


class Telephone(SmartCard):
    """A telephone or a bank card: its UID is drawn anew (from `seed`) whenever the field comes up, and begins with 08."""

    sens_res = bytes.fromhex("00 04")
    ats = bytes.fromhex("05 78 80 70 02")

    def __init__(self, *, seed: int = 0) -> None:
        self._draw = random.Random(seed)

    @property
    def uid(self) -> bytes:
        return b"\x08" + self._draw.randbytes(3)

    def awaken(self) -> Speech:
        """See `SmartCard.awaken`."""
        return _refusal


def _refusal(command: bytes) -> bytes:
    return _ISO_NOT_FOUND if command[:2] == _SELECT else _ISO_UNKNOWN_COMMAND
