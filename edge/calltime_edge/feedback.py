"""What does the carer see and hear? One distinct answer for each thing that can happen; nothing is confirmed that is not safe."""

from __future__ import annotations

import errno
import logging
import select
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO, assert_never

from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.clock import LONDON
from calltime_edge.display_pages import DoorState, Page, answer_page, idle_page, records_waiting
from calltime_edge.feedback_player import Instrument, Player
from calltime_edge.signals import DARK, IDLE, Colour, Signal, signal_for
from calltime_edge.words.language import Language, words_of

if TYPE_CHECKING:
    from calltime_edge.display import Kind

log = logging.getLogger(__name__)


class Feedback(Protocol):
    """A buzzer, a light, a display, or a line of text."""

    def show(self, answer: Answer) -> None:
        """Tell the carer."""


def sentence(answer: Answer, language: Language = "en") -> str:
    """Put an answer in words, for a terminal and for the journal. Times are London's."""
    words = words_of(language)
    match answer:
        case Confirmed(action=action, at=at, queued=queued):
            said = {
                "start": words.gettext("Started {time}."),
                "stop": words.gettext("Ended {time}."),
                "waiting": words.gettext("Waiting {time}."),
            }
            kept = f" {records_waiting(queued, words)}" if queued > 1 else ""
            return f"✓ {said[action].format(time=_time(at))}{kept}"
        case AlreadyDone(action=action, at=at):
            said = {
                "start": words.gettext("Already started {time}. Nothing was changed."),
                "stop": words.gettext("Already ended {time}. Nothing was changed."),
                "waiting": words.gettext("Already waiting {time}. Nothing was changed."),
            }
            return f"• {said[action].format(time=_time(at))}"
        case BadgeNext():
            return f"… {words.gettext('Waiting. Now hold your badge to the reader.')}"
        case NotUnderstood(why=why):
            return f"? {words.gettext(why.value)}"
        case NotStored(because=because):
            told = words.gettext("NOT RECORDED. This door cannot store anything ({because}). Write the time down and tell the office.")
            return f"✗ {told.format(because=because)}"
        case _:
            assert_never(answer)


def _time(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M}"


class Fitted:
    """The feedback of one door: always a line of text, and what else is fitted to it."""

    def __init__(self, language: Language, now: Callable[[], datetime]) -> None:
        """Begin with the line of text alone."""
        self._language = language
        self._words = words_of(language)
        self._now = now
        self._state: DoorState | None = None
        self._signals: Player[Signal] | None = None
        self._display: Player[Page | None] | None = None
        self._dumb = False

    def add_signals(self, fit: Callable[[], Instrument[Signal]]) -> None:
        """Play signals on what `fit` finds."""
        self._signals = Player("buzzer and lights", fit, idle=DARK)

    def add_display(self, fit: Callable[[Callable[[], Page]], Instrument[Page | None]]) -> None:
        """Show pages on what `fit` finds; it is given what to show in between."""
        self._display = Player("display", lambda: fit(self._idle), idle=None)

    def show(self, answer: Answer) -> None:
        """Tell the carer. Returns at once and never raises: sound first, because a hand is waiting for it."""
        if self._signals is not None:
            self._signals.play(signal_for(answer))
        if self._display is not None:
            self._display.play(answer_page(answer, self._words, now=self._now(), state=self._state))
        self._write(sentence(answer, self._language))

    def state(self, *, queued: int, online: bool, knows_time: bool, readers_ready: bool) -> None:
        """Say how the door is: records without a receipt, the connection, whether the clock was set, whether any reader answers."""
        self._state = DoorState(queued=queued, online=online, knows_time=knows_time, readers_ready=readers_ready)
        if self._signals is not None:
            self._signals.idle(IDLE if readers_ready else DARK)

    def close(self) -> None:
        """Fall silent and dark."""
        for player in (self._signals, self._display):
            if player is not None:
                player.close()

    def _idle(self) -> Page:
        return idle_page(self._words, now=self._now(), state=self._state)

    def _write(self, line: str) -> None:
        try:
            if not _takes_more(sys.stdout):
                raise BlockingIOError(errno.EAGAIN, "nobody reads them")
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            self._dumb = False
        except (OSError, ValueError) as error:  # a pipe that nobody reads, a terminal without these letters
            if not self._dumb:
                log.warning("answers cannot be written to standard output (%s); taps go on", error)
            self._dumb = True


def _takes_more(file: TextIO) -> bool:
    """Whether a line can be written without waiting. Who waits for a pipe that nobody reads answers no other carer."""
    try:
        number = file.fileno()
    except (OSError, ValueError):  # it is none of the kernel's files, and never full
        return True
    return bool(select.select([], [number], [], 0)[1])


def make(
    *,
    language: Language = "en",
    buzzer_pin: int | None = None,
    green_pin: int | None = None,
    amber_pin: int | None = None,
    red_pin: int | None = None,
    display: Kind | None = None,
    display_address: int = 0x3C,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Fitted:
    """Make the feedback of a door from its settings. What is not there or fails is told in the log and looked for again."""
    fitted = Fitted(language, now)
    pins: dict[Colour, int | None] = {"green": green_pin, "amber": amber_pin, "red": red_pin}
    lights = {colour: pin for colour, pin in pins.items() if pin is not None}

    # The libraries are imported where they are used, in the player's thread: most doors have no display, and a start must not wait.
    def find_pins() -> Instrument[Signal]:
        from calltime_edge.signals_player import Pins

        return Pins(buzzer=buzzer_pin, lights=lights)

    if lights or buzzer_pin is not None:
        fitted.add_signals(find_pins)
    if display is not None:
        kind = display

        def find_display(idle: Callable[[], Page]) -> Instrument[Page | None]:
            from calltime_edge.display import fit

            return fit(kind, display_address, idle)

        fitted.add_display(find_display)
    return fitted
