"""How is an answer played without holding up the next tap? In a thread of its own; the newest answer is the next."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeAlias, TypeVar

log = logging.getLogger(__name__)

LOOK_AGAIN = 30.0
"""Seconds between two tries with an instrument that failed."""

T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")
Pause: TypeAlias = Callable[[float], bool]
"""Wait so many seconds; False, at once, when there is something newer to play or the door closes."""


class Instrument(Protocol[T_contra]):
    """Lights and a buzzer, or a display."""

    def play(self, what: T_contra, pause: Pause) -> None:
        """Play it, and return when it is over or when `pause` says False. What it raises means that the instrument failed."""

    def close(self) -> None:
        """Fall silent and dark, and let go of the hardware."""


class Player(Generic[T]):
    """Plays the newest of what it is given, and then `idle` until there is something newer. It never raises and never makes wait."""

    def __init__(self, name: str, fit: Callable[[], Instrument[T]], *, idle: T, look_again: float = LOOK_AGAIN) -> None:
        """`fit` finds the hardware; it is called in the thread, and again after a failure."""
        self._name, self._fit, self._idle, self._look_again = name, fit, idle, look_again
        self._instrument: Instrument[T] | None = None
        self._failing = False
        self._is_idle = self._idle_is_old = False
        self._wake = threading.Condition()
        self._newest: T | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def play(self, what: T) -> None:
        """Play it now."""
        with self._wake:
            self._newest = what
            self._wake.notify()

    def idle(self, what: T) -> None:
        """Play this from now on while there is nothing else."""
        with self._wake:
            if what != self._idle:
                self._idle, self._idle_is_old = what, self._is_idle
                self._wake.notify()

    def close(self) -> None:
        """Stop, in mid-beep if the instrument does."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=5)

    def _pause(self, seconds: float) -> bool:
        with self._wake:
            return not self._wake.wait_for(lambda: self._closed or self._newest is not None or self._idle_is_old, timeout=seconds)

    def _run(self) -> None:
        while not self._closed:
            with self._wake:
                self._is_idle, self._idle_is_old = self._newest is None, False
                what, self._newest = (self._idle if self._newest is None else self._newest), None
            try:
                self._play(what)
            except Exception as error:  # noqa: BLE001 - the outermost loop of this thread: whatever a pin or a cable does, the door goes on
                self._failed(error)
                self._pause(self._look_again)
        self._let_go()

    def _play(self, what: T) -> None:
        if self._instrument is None:
            self._instrument = self._fit()
        self._instrument.play(what, self._pause)
        if self._failing:
            self._failing = False
            log.info("%s: works again", self._name)

    def _failed(self, error: Exception) -> None:
        if not self._failing:
            kind = type(error).__name__
            log.warning(
                "%s failed and tells the carer nothing (%s: %s). Check its wires and settings; taps go on.", self._name, kind, error
            )
        self._failing = True
        self._let_go()

    def _let_go(self) -> None:
        instrument, self._instrument = self._instrument, None
        with suppress(Exception):  # what failed may fail again when it is closed
            if instrument is not None:
                instrument.close()
