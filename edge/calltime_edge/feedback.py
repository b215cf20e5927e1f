"""What does the carer see and hear? One distinct answer for each thing that can happen; nothing is confirmed that is not safe."""

from __future__ import annotations

from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood

LONDON = ZoneInfo("Europe/London")

WORDS: dict[str, str] = {"start": "Started", "stop": "Ended", "waiting": "Waiting"}


class Feedback(Protocol):
    """A buzzer, a light, a display, or a line of text."""

    def show(self, answer: Answer) -> None:
        """Tell the carer."""


def sentence(answer: Answer) -> str:
    """Put an answer in words."""
    match answer:
        case Confirmed(action=action, at=at, queued=queued):
            kept = f" {queued} records waiting, safe here." if queued > 1 else ""
            return f"✓ {WORDS[action]} {at.astimezone(LONDON):%H:%M}.{kept}"
        case AlreadyDone(action=action, at=at):
            return f"• Already {WORDS[action].lower()} {at.astimezone(LONDON):%H:%M}. Nothing was changed."
        case BadgeNext():
            return "… Waiting. Now hold your badge to the reader."
        case NotUnderstood(why=why):
            return f"? {why.value}"
        case NotStored(because=because):
            return f"✗ NOT RECORDED. This door cannot store anything ({because}). Write the time down and tell the office."
        case _:
            assert_never(answer)
