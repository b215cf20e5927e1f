"""What is a caller asked, and told? The same by whichever exchange she comes: her PIN, what she does, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from calltime_edge.answers import AlreadyDone, Answer, Confirmed
from calltime_edge.readers.sightings import Called
from calltime_edge.telephone.directory import Directory, Known
from calltime_edge.telephone.lockout import TRIES, Lock, Lockout
from calltime_edge.telephone.numbers import normal
from calltime_edge.telephone.prompts import Prompt, Said, Spoken
from calltime_edge.telephone.references import PIN_DIGITS, References
from calltime_edge.words.language import Language
from calltime_wire.records import Action

log = logging.getLogger(__name__)

Wants: TypeAlias = Literal["pin", "choice"]
DIGITS: dict[Wants, int] = {"pin": PIN_DIGITS, "choice": 1}
CHOICES: dict[str, Action] = {"1": "start", "2": "stop", "3": "waiting"}
_LOCKED: dict[Lock, Prompt] = {"for a while": Prompt.LOCKED, "for the day": Prompt.LOCKED_FOR_THE_DAY}
_DONE: dict[Action, Prompt] = {"start": Prompt.STARTED, "stop": Prompt.ENDED, "waiting": Prompt.WAITING}
_ALREADY: dict[Action, Prompt] = {"start": Prompt.ALREADY_STARTED, "stop": Prompt.ALREADY_ENDED, "waiting": Prompt.ALREADY_WAITING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is said, and what the caller is to key in then; None: she is hung up on."""

    said: Said
    wants: Wants | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What all calls share. `ask` has a tap recorded; `languages`: those in which a caller is greeted whom nobody knows yet."""

    references: References
    directory: Directory
    lockout: Lockout
    ask: Callable[[Called], Answer | None]
    languages: tuple[Language, ...]


class Dialogue:
    """One call. Nothing is recorded before the last thing that she keys in, so that hanging up before leaves no trace."""

    def __init__(self, line: Line, call: str, caller: str) -> None:
        """`call`: the exchange's id of it; `caller`: the number as the exchange gives it."""
        self._line = line
        self._call = call
        number = normal(caller)
        self._number = None if number is None else line.references.of_number(number)
        self._pin = ""
        self._language = line.languages[0]
        self._tries = 0
        self._wants: Wants | None = None

    def begin(self) -> Reply:
        """Greet, if the number is a home's. Raises DirectoryDamaged, OSError."""
        if self._number is None:
            return self._end(Prompt.WITHHELD)
        if self._number not in self._line.directory.read().homes:
            # By what stands for it: whoever reads the log learns no number, and can register this one at home all the same.
            log.warning("call %s from a number that is not registered: %s", self._call, self._number)
            return self._end(Prompt.UNKNOWN_NUMBER)
        if lock := self._line.lockout.of(self._number):
            return self._end(_LOCKED[lock])
        self._wants = "pin"
        return Reply(said=(*self._in_each(Prompt.GREETING), *self._in_each(Prompt.KEY_PIN)), wants="pin")

    def keyed(self, digits: str) -> Reply:
        """Go on with what she keyed in, which may be nothing. Raises DirectoryDamaged, OSError."""
        return self._keyed_pin(digits) if self._wants == "pin" else self._keyed_choice(digits)

    def _keyed_pin(self, digits: str) -> Reply:
        number, lockout = str(self._number), self._line.lockout
        if lock := lockout.of(number):  # another call from there has used up the tries
            return self._end(_LOCKED[lock])
        if not digits:
            return self._once_more(self._in_each(Prompt.KEY_PIN))
        known, pin = self._line.directory.read(), self._line.references.of_pin(digits)
        if pin in known.carers:
            return self._let_in(known, pin)
        lockout.wrong(number)
        log.warning("call %s from %s: a PIN that nobody has", self._call, number)
        if lock := lockout.of(number):
            log.warning("too many wrong PINs from %s, or on the whole line: no PIN is looked at from there %s", number, lock)
            return self._end(_LOCKED[lock])
        return self._once_more((*self._in_each(Prompt.WRONG_PIN), *self._in_each(Prompt.KEY_PIN)))

    def _let_in(self, known: Known, pin: str) -> Reply:
        self._pin, self._tries = pin, 0
        self._language = known.languages.get(pin, self._language)
        self._wants = "choice"
        return Reply(said=(self._in_hers(Prompt.CHOOSE),), wants="choice")

    def _keyed_choice(self, digits: str) -> Reply:
        action = CHOICES.get(digits)
        if action is None:
            not_understood = (self._in_hers(Prompt.NOT_UNDERSTOOD),) if digits else ()
            return self._once_more((*not_understood, self._in_hers(Prompt.CHOOSE)))
        answer = self._line.ask(Called(number=str(self._number), pin=self._pin, action=action, call=self._call))
        match answer:
            case Confirmed(action=action, at=at):
                told = Spoken(language=self._language, prompt=_DONE[action], at=at)
            case AlreadyDone(action=action, at=at):
                told = Spoken(language=self._language, prompt=_ALREADY[action], at=at)
            case None:
                told = self._in_hers(Prompt.NOT_KNOWN)
            case _:
                told = self._in_hers(Prompt.NOT_RECORDED)
        return Reply(said=(told, self._in_hers(Prompt.GOODBYE)))

    def _once_more(self, said: Said) -> Reply:
        self._tries += 1
        if self._tries >= TRIES:
            return self._end(Prompt.NOTHING_HEARD)
        return Reply(said=said, wants=self._wants)

    def _end(self, prompt: Prompt) -> Reply:
        self._wants = None
        return Reply(said=(self._in_hers(prompt),) if self._pin else self._in_each(prompt))

    def _in_each(self, prompt: Prompt) -> Said:
        return tuple(Spoken(language=language, prompt=prompt) for language in self._line.languages)

    def _in_hers(self, prompt: Prompt) -> Spoken:
        return Spoken(language=self._language, prompt=prompt)


def nothing_recorded(languages: tuple[Language, ...]) -> Reply:
    """What a caller is told when the line itself is in trouble."""
    return Reply(said=tuple(Spoken(language=language, prompt=Prompt.NOT_RECORDED) for language in languages))
