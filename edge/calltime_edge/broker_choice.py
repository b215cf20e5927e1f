"""Which of its brokers does a door call, in which version of MQTT, and how were the others? It stays with one that serves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from calltime_edge.broker_link import Caller, NotLetIn, Version

UNANSWERED_BEFORE_THE_OTHER_VERSION = 3
"""So often a version that has worked may go unanswered: a broker that is only busy is no reason to change it."""


class VersionChoice:
    """Which MQTT version to try. One that has worked is given up only when it goes unanswered several times."""

    def __init__(self, asked: Version | Literal["auto"]) -> None:
        """Begin with 5, unless it was asked for another."""
        self.current: Version = "3.1.1" if asked == "3.1.1" else "5"
        self._may_change = asked == "auto"
        self._chances = 1

    def answered(self) -> None:
        """The current one has worked."""
        self._chances = UNANSWERED_BEFORE_THE_OTHER_VERSION

    def unanswered(self) -> None:
        """The current one went unanswered."""
        self._chances -= 1
        if self._may_change and self._chances <= 0:
            self.current = "3.1.1" if self.current == "5" else "5"
            self._chances = 1


class KnownBroker:
    """One broker, and what came of the last call. `state` is for people."""

    def __init__(self, caller: Caller, asked: Version | Literal["auto"]) -> None:
        """It was not called yet."""
        self.caller = caller
        self.versions = VersionChoice(asked)
        self.state = "not called yet"

    def let_in(self) -> None:
        """It serves."""
        self.versions.answered()
        self.state = "in use"

    def did_not_let_in(self, trouble: NotLetIn) -> bool:
        """Note why; say whether that is news. It may stay so for days, and is logged once."""
        if trouble.why == "no answer":
            self.versions.unanswered()
        news = trouble.why != self.state
        self.state = trouble.why
        return news


class BrokerChoice:
    """The brokers of a door, in the order in which it goes round."""

    def __init__(self, callers: Sequence[Caller], asked: Version | Literal["auto"]) -> None:
        """Begin with the first one. Whoever wants doors to spread shuffles them before."""
        self._brokers = tuple(KnownBroker(caller, asked) for caller in callers)
        self._at = 0
        self._in_vain = 0

    @property
    def current(self) -> KnownBroker:
        """The one that is in use, or that is called next."""
        return self._brokers[self._at]

    @property
    def several(self) -> bool:
        """Whether there is another one to go to."""
        return len(self._brokers) > 1

    @property
    def states(self) -> dict[str, str]:
        """How each of them was when it was last called, by its address."""
        return {str(broker.caller.broker): broker.state for broker in self._brokers}

    def has_served(self) -> None:
        """The current one served for a good while: each of the others is worth a call before the door takes a rest."""
        self._in_vain = 0

    def move_on(self) -> bool:
        """Go to the next; say whether that ends a round in which none served, so that it is time for a rest."""
        self._at = (self._at + 1) % len(self._brokers)
        self._in_vain += 1
        if self._in_vain < len(self._brokers):
            return False
        self._in_vain = 0
        return True
