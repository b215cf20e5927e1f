"""What stands on the display? A page of a few words for each answer, and one for the time in between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from gettext import NullTranslations
from typing import assert_never

from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.clock import LONDON
from calltime_wire.records import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`large` in the middle, as large as it fits; `small` is wrapped. `urgent`: dark on light, and shown for longer."""

    heading: str
    large: str = ""
    small: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """How the door is: records that the office has not confirmed, whether it is connected, whether its clock was ever set, whether
    any reader can be tapped at.
    """

    queued: int
    online: bool
    knows_time: bool
    readers_ready: bool


def answer_page(answer: Answer, words: NullTranslations, *, now: datetime, state: DoorState | None) -> Page:
    """Put an answer on a page. A door that does not know the time shows none: a carer would believe it."""
    shown = "" if state is not None and not state.knows_time else "{:%H:%M}"
    match answer:
        case Confirmed(action=action, at=at, queued=queued):
            kept = records_waiting(queued, words) if queued > 1 else ""
            return Page(heading=_done(action, words), large=shown.format(at.astimezone(LONDON)) or "✓", small=kept)
        case AlreadyDone(action=action, at=at):
            return Page(heading=words.gettext("Already done"), large=shown.format(at.astimezone(LONDON)), small=_done(action, words))
        case BadgeNext():
            return Page(heading=words.gettext("Waiting"), small=words.gettext("Now hold your badge to the reader."))
        case NotUnderstood(why=why):
            # The last sentence of a reason is what to do next; for the others a display has no room.
            return Page(heading=words.gettext("Not read"), small=words.gettext(why.value).split(". ")[-1])
        case NotStored():
            said = words.gettext("Write the time down and tell the office.")
            return Page(heading=words.gettext("NOT RECORDED"), large=shown.format(now.astimezone(LONDON)), small=said, urgent=True)
        case _:
            assert_never(answer)


def idle_page(words: NullTranslations, *, now: datetime, state: DoorState | None) -> Page:
    """Show the time in London, the connection, and what waits here. `state` None: nothing is known of the door yet."""
    ready, clock = words.gettext("Ready"), f"{now.astimezone(LONDON):%H:%M}"
    if state is None:
        return Page(heading="", large=clock)
    if not state.readers_ready:
        said = words.gettext("Write the time down and tell the office.")
        return Page(heading=words.gettext("Reader does not answer"), small=said)
    link = [] if state.online else [words.gettext("No connection.")]
    if not state.knows_time:
        return Page(heading=ready, small=" ".join([*link, words.gettext("The clock is not set yet. Taps are kept.")]))
    # One may be on its way at this moment.
    kept = [records_waiting(state.queued, words)] if state.queued > int(state.online) else []
    return Page(heading=ready, large=clock, small=" ".join([*link, *kept]))


def records_waiting(count: int, words: NullTranslations) -> str:
    """Say that what was not sent yet is safe."""
    return words.ngettext("{count} record waiting, safe here.", "{count} records waiting, safe here.", count).format(count=count)


def _done(action: Action, words: NullTranslations) -> str:
    return {"start": words.gettext("Started"), "stop": words.gettext("Ended"), "waiting": words.gettext("Waiting")}[action]
