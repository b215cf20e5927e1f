"""What does the PN532 do for a host that wants to talk to cards?

Type A at 106 kbit/s only: nobody answers at other speeds. Each method takes the data of one command and gives the data of its
answer; None is a syntax error.
"""

from calltime_sim.pn532.cards import with_crc_a
from calltime_sim.pn532.field import Field
from calltime_sim.pn532.target import NO_ANSWER, OK, Target

TX_MODE, RX_MODE, FIFO_DATA = 0x6302, 0x6303, 0x6339
_WITH_CRC = 0x80
# The first thing that the chip says over the air. It is still in the FIFO when no card answered, and that is where drivers look.
SENS_REQ = 0x26

_BAD_CHECKSUM, _BUFFER_TOO_SMALL, _NOT_IN_THIS_STATE = b"\x02", b"\x07", b"\x27"
_MOST_TARGETS = 2
_LONGEST_DATA = 262
_MORE = 0x40
_FIELD, _MAX_RETRIES, _FOR_EVER = 0x01, 0x05, 0xFF
_GENERIC_A, _PLAIN_A, _SMART_A = 0x00, 0x10, 0x20


class Initiator:
    """The commands that begin with In, and the field. `activates` and `tireless` are as after power-up until the host says otherwise."""

    def __init__(self, field: Field, registers: dict[int, int]) -> None:
        self._field, self._registers = field, registers
        self._targets: list[Target] = []
        self._current: Target | None = None
        self.activates, self.tireless = True, True

    def configure(self, data: bytes) -> bytes | None:
        """RFConfiguration: switching the field off makes cards forget; how often to look for cards; the rest changes nothing here."""
        if len(data) < 2:
            return None
        if data[0] == _FIELD and not data[1] & 0x01:
            self._field.go_down()
            self.forget()
        if data[0] == _MAX_RETRIES and len(data) == 4:
            self.tireless = data[3] == _FOR_EVER
        return b""

    def forget(self) -> None:
        """Know no cards any more: they have no power, or were changed for others."""
        self._targets, self._current = [], None

    def list_targets(self, data: bytes) -> bytes | None:
        """InListPassiveTarget: one or two cards, or the one whose UID is given."""
        if len(data) < 2 or not 1 <= data[0] <= _MOST_TARGETS:
            return None
        self._begin()
        if data[1] != 0:
            return b"\x00"
        wanted = data[2:]
        self._find(data[0], wanted)
        described = [target.described(number) for number, target in enumerate(self._targets, start=1)]
        return bytes([len(described)]) + b"".join(described)

    def poll(self, data: bytes) -> bytes | None:
        """InAutoPoll: one round of looking for cards of the given kinds."""
        if len(data) < 3:
            return None
        self._begin()
        wanted = set(data[2:])
        self._find(_MOST_TARGETS, b"")
        told = []
        for number, target in enumerate(self._targets, start=1):
            kind = _SMART_A if target.laid.smart else _PLAIN_A
            if {kind, _GENERIC_A} & wanted:
                described = target.described(number)
                told.append(bytes([kind, len(described)]) + described)
        return bytes([len(told)]) + b"".join(told)

    def exchange(self, data: bytes) -> bytes | None:
        """InDataExchange: the chip leads the talk. A long command comes in pieces, and a long answer goes in pieces."""
        if not data:
            return None
        target = self._switch_to(data[0] & ~_MORE)
        if target is None:
            return _NOT_IN_THIS_STATE
        if not target.receiving:
            target.sending += data[1:]
            if data[0] & _MORE:
                return OK
            command, target.sending = target.sending, b""
            status, target.receiving = target.command(command)
            if status != OK:
                return status
        piece, target.receiving = target.receiving[:_LONGEST_DATA], target.receiving[_LONGEST_DATA:]
        return (bytes([_MORE]) if target.receiving else OK) + piece

    def communicate_through(self, data: bytes) -> bytes:
        """InCommunicateThru: the host leads the talk. To see refusals, which have no checksum, it switches the check of it off."""
        if not self._registers[TX_MODE] & _WITH_CRC:  # the host has added it by itself
            data = data[:-2] if data == with_crc_a(data[:-2]) else b""
        if self._current is None or not (said := self._field.exchange(self._current.laid, data)):
            return NO_ANSWER
        if self._registers[RX_MODE] & _WITH_CRC:
            if len(said) < 2:
                return _BAD_CHECKSUM
            said = said[:-2]
        return _BUFFER_TOO_SMALL if len(said) > _LONGEST_DATA else OK + said

    def select(self, data: bytes) -> bytes | None:
        """InSelect."""
        if len(data) != 1:
            return None
        return OK if self._switch_to(data[0]) is not None else _NOT_IN_THIS_STATE

    def deselect(self, data: bytes) -> bytes | None:
        """InDeselect: the card is halted, and can be selected again."""
        if len(data) != 1:
            return None
        for target in self._meant(data[0]):
            target.laid.halt()
            if target is self._current:
                self._current = None
        return OK

    def release(self, data: bytes) -> bytes | None:
        """InRelease: the card is halted, and forgotten."""
        answer = self.deselect(data)
        if answer is not None:
            gone = self._meant(data[0])
            self._targets = [target for target in self._targets if target not in gone]
        return answer

    def presence(self) -> bytes:
        """The presence check of Diagnose: does the card that speaks ISO/IEC 14443-4 still answer?"""
        if self._current is None or not self._current.laid.smart:
            return _NOT_IN_THIS_STATE
        return OK if self._field.exchange(self._current.laid, b"\xb2") or self._field.exchange(self._current.laid, b"\xb3") else NO_ANSWER

    def status(self) -> bytes:
        """What GetGeneralStatus tells of the listed cards: all at 106 kbit/s."""
        told = [bytes([number, 0, 0, _PLAIN_A]) for number in range(1, len(self._targets) + 1)]
        return bytes([len(told)]) + b"".join(told)

    def _begin(self) -> None:
        """What happens whenever cards are looked for: the last ones are forgotten, and the chip sees to checksums."""
        self.forget()
        self._registers |= {TX_MODE: _WITH_CRC, RX_MODE: _WITH_CRC, FIFO_DATA: SENS_REQ}

    def _find(self, at_most: int, wanted: bytes) -> None:
        found = self._field.find(at_most, wanted or None)
        self._targets = [Target(self._field, laid) for laid in found]
        if self.activates:
            for target in self._targets:
                target.activate()
        self._current = self._targets[0] if self._targets else None

    def _meant(self, number: int) -> list[Target]:
        """The listed card of this number; 0 means all."""
        return self._targets[:] if number == 0 else self._targets[number - 1 : number]

    def _switch_to(self, number: int) -> Target | None:
        """Make this card the one that is talked to; the other is halted as long. None when there is no such card."""
        meant = self._meant(number)[:1] if number else []
        if not meant:
            return None
        if meant[0] is not self._current:
            if self._current is not None:
                self._current.laid.halt()
            self._current = meant[0]
            if self._field.wake(self._current.laid) and self.activates:
                self._current.activate()
        return self._current
