"""What does the PN532 do with the bytes on its serial line? It wakes, hears frames, confirms, answers, repeats, changes its speed.

Bytes in, bytes out, no port: its "high speed UART" (HSU) as UM0701-02 has it, around the commands of `chip`.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from calltime_sim.pn532 import frames, waveform
from calltime_sim.pn532.chip import POWER_DOWN, SET_SERIAL_BAUD_RATE, Chip

BAUD_RATES = (9_600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600, 1_288_000)
POWER_UP_BAUD = 115_200
# Edges on the line wake the chip, and what comes until its oscillator runs is lost: one reason for long preambles.
_LOST_ON_WAKING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One thing that was said, for who listens in. `name` is the manual's word for the command that it belongs to."""

    from_host: bool
    name: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """A command whose answer is due when a card comes, and otherwise at the time `until`."""

    body: bytes
    until: float


class SerialUnit:
    """The serial side of one chip. One thread carries its bytes, another may take its power away."""

    def __init__(self, chip: Chip, overheard: Callable[[Talk], None]) -> None:
        self._chip, self._overheard = chip, overheard
        self._one_at_a_time = threading.RLock()
        self.power_up()

    def power_up(self) -> None:
        """As after a moment without power: asleep, at 115200, with nothing heard and nothing to repeat."""
        with self._one_at_a_time:
            self.baud = POWER_UP_BAUD
            self.looking: Looking | None = None
            self._agreed_baud: int | None = None
            self._lost_next = _LOST_ON_WAKING
            self._rest = self._last = b""

    def hear(self, sent: bytes, host_baud: int, *, now: float) -> list[bytes]:
        """What is said, at the chip's own speed, to bytes that the host has sent at its speed."""
        with self._one_at_a_time:
            if host_baud == self._agreed_baud:
                # A pty keeps no record of the speed of each byte: an ACK that is read now may have been sent at the old one.
                sent = self._take_the_confirmation(sent)
            arrived = waveform.heard(sent, sent_at=host_baud, heard_at=self.baud)
            lost, self._lost_next = self._lost_next, max(0, self._lost_next - len(arrived))
            heard, self._rest = frames.parse(self._rest + arrived[lost:])
            return [said for frame in heard for said in self._on_frame(frame, now)]

    def confirmation_was_flushed(self) -> None:
        """The host threw away what it had not sent yet. On a real line the few bytes of its ACK have left by then."""
        self._change_baud()

    def found_or_given_up(self, *, now: float) -> bytes:
        """The answer that was due when a card comes, if it can be given now; empty while there is nothing to say."""
        with self._one_at_a_time:
            if self.looking is None:
                return b""
            body = self.looking.body
            answer = self._chip.answer(body)
            if self._chip.looks_on(body, answer) and now < self.looking.until:
                return b""
            self.looking = None
            return self._say(body, answer)

    def _take_the_confirmation(self, sent: bytes) -> bytes:
        """Change the speed if an ACK comes first; return what comes after it."""
        ack = frames.to_bytes(frames.Ack())
        if sent.startswith(ack):
            self._change_baud()
            return sent[len(ack) :]
        return sent

    def _on_frame(self, frame: frames.Heard, now: float) -> Iterator[bytes]:
        match frame:
            case frames.Ack():  # never mind the answer; or: the new speed it is
                self.looking = None
                self._change_baud()
            case frames.Nack():
                yield self._last
            case frames.Frame(body=body):
                self.looking = self._agreed_baud = None
                self._overheard(Talk(from_host=True, name=self._chip.name(body), body=body))
                yield frames.to_bytes(frames.Ack())
                yield self._answer(body, now)

    def _answer(self, body: bytes, now: float) -> bytes:
        answer = self._chip.answer(body)
        seconds = self._chip.looks_on(body, answer)
        if seconds:
            self.looking = Looking(body=body, until=now + seconds)
            return b""
        if answer[1:2] == bytes([SET_SERIAL_BAUD_RATE + 1]):
            self._agreed_baud = BAUD_RATES[body[2]]
        if answer[1:2] == bytes([POWER_DOWN + 1]):
            self._lost_next = _LOST_ON_WAKING
        return self._say(body, answer)

    def _say(self, body: bytes, answer: bytes) -> bytes:
        self._overheard(Talk(from_host=False, name=self._chip.name(body), body=answer))
        self._last = frames.to_bytes(frames.Frame(body=answer))
        return self._last

    def _change_baud(self) -> None:
        if self._agreed_baud is not None:
            self.baud, self._agreed_baud = self._agreed_baud, None
