"""What does the carer see and hear? One distinct answer for each thing that can happen; nothing is confirmed that is not safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, assert_never
from zoneinfo import ZoneInfo

from calltime_edge.tapping import AlreadyDone, NotUnderstood
from calltime_wire.records import Action

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The tap is safe on this door."""

    seq: int
    action: Action
    at: str
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStored:
    """The tap could not be made safe, so it is not confirmed."""

    says: str


Answer: TypeAlias = Confirmed | AlreadyDone | NotUnderstood | NotStored

WORDS: dict[str, str] = {"start": "Started", "stop": "Ended", "waiting": "Waiting"}


class Feedback(Protocol):
    """A buzzer, a light, a display, or a line of text."""

    def show(self, answer: Answer) -> None:
        """Tell the carer."""


def sentence(answer: Answer) -> str:
    """Put an answer in words."""
    match answer:
        case Confirmed(action=action, at=at, waiting=waiting):
            kept = f" {waiting} records waiting, safe here." if waiting > 1 else ""
            return f"✓ {WORDS[action]} {at}.{kept}"
        case AlreadyDone(last=last):
            return f"• Already {WORDS[last.action].lower()} {last.at.astimezone(LONDON):%H:%M}. Nothing was changed."
        case NotUnderstood(says=says):
            return f"? {says}"
        case NotStored(says=says):
            return f"✗ NOT RECORDED. {says}"
        case _:
            assert_never(answer)
