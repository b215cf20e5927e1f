"""How do a buzzer and lights on the pins of a Raspberry Pi play a signal? The one file of the door that imports gpiozero."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from tempfile import TemporaryDirectory

# lgpio, which gpiozero works by, makes a pipe when it is imported: where this says, or else wherever the program was started.
if "LG_WD" not in os.environ:
    _for_its_pipe = TemporaryDirectory(prefix="calltime-edge-")
    os.environ["LG_WD"] = _for_its_pipe.name

from gpiozero import LED, Buzzer
from gpiozero.pins import Factory

from calltime_edge.feedback_player import Pause
from calltime_edge.signals import GAP, Colour, Signal, steps


class Pins:
    """An active buzzer and up to three lights, by the numbers of their GPIO pins. A colour that is not fitted stays dark."""

    def __init__(self, *, buzzer: int | None, lights: Mapping[Colour, int], factory: Factory | None = None) -> None:
        """Take the pins. Raises what gpiozero raises: no such pin, in use, no pins on this machine."""
        self._lights: dict[Colour, LED] = {}
        self._buzzer = None
        try:
            self._buzzer = None if buzzer is None else Buzzer(buzzer, pin_factory=factory)
            for colour, pin in lights.items():
                self._lights[colour] = LED(pin, pin_factory=factory)
        except BaseException:
            self.close()
            raise

    def play(self, what: Signal, pause: Pause) -> None:
        """Play a signal."""
        row = steps(what)
        light = self._lights.get(what.colour)
        played = 0
        try:
            while what.times == 0 or played < what.times:
                for step in row:
                    _switch(self._buzzer, on=step.sounds)
                    _switch(light, on=step.lit)
                    if what.whole:
                        time.sleep(step.ms / 1000)
                    elif not pause(step.ms / 1000):
                        return
                played += 1
        finally:
            _switch(self._buzzer, on=False)
            _switch(light, on=False)
        if what.whole:  # the next one begins with a beep of its own
            time.sleep(GAP / 1000)

    def close(self) -> None:
        """Let go of the pins."""
        for part in (self._buzzer, *self._lights.values()):
            if part is not None:
                part.close()


def _switch(part: Buzzer | LED | None, *, on: bool) -> None:
    if part is not None:
        part.value = on
