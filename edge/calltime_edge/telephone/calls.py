"""Which calls are going on, and what was each told already? Whatever an exchange asks again is answered as before."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable

from calltime_edge.telephone.dialogue import Dialogue, Line, Reply, nothing_recorded
from calltime_edge.telephone.directory import DirectoryDamaged

log = logging.getLogger(__name__)

FORGOTTEN_S = 15 * 60
"""Seconds: no call lasts so long."""
AT_ONCE = 200
"""Calls. One line of an exchange has a few dozen. Of more, the one that began first is begun anew, should it go on."""
CALL_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class _Call:
    """Its dialogue, and what was answered so far: the first answer is the greeting."""

    def __init__(self, dialogue: Dialogue, began: float) -> None:
        self.dialogue = dialogue
        self.began = began
        self.replies: list[Reply] = []
        self.lock = threading.Lock()


class Calls:
    """All calls of a line, by the exchange's id."""

    def __init__(self, line: Line, now: Callable[[], float] = time.monotonic) -> None:
        """`now`: seconds that only grow."""
        self._line = line
        self._now = now
        self._calls: dict[str, _Call] = {}
        self._lock = threading.Lock()

    def answer(self, call: str, *, step: int, caller: str, digits: str) -> tuple[int, Reply]:
        """Answer step 0, the call itself, or a later one, what was keyed in; says which step is next.

        A step that was answered is answered the same again. One that cannot be, because the line was started again in the middle, begins
        the call anew: what it recorded before counts once (`called`).
        """
        known = self._find(call, caller)
        if known is None:
            return 1, nothing_recorded(self._line.languages)
        with known.lock:
            try:
                if not known.replies:
                    known.replies.append(known.dialogue.begin())
                elif step == len(known.replies) and known.replies[-1].wants is not None:
                    known.replies.append(known.dialogue.keyed(digits))
            except (DirectoryDamaged, OSError) as error:
                log.error("call %s was not answered: %s", call, error)  # noqa: TRY400  # expected, so no traceback
                return 1, nothing_recorded(self._line.languages)
            told = min(step, len(known.replies) - 1)
            return told + 1, known.replies[told]

    def forget(self, call: str) -> None:
        """She has hung up."""
        with self._lock:
            self._calls.pop(call, None)

    def _find(self, call: str, caller: str) -> _Call | None:
        with self._lock:
            for old in [each for each, of in self._calls.items() if self._now() - of.began > FORGOTTEN_S]:
                del self._calls[old]
            if call not in self._calls:
                if not CALL_ID.fullmatch(call):
                    log.error("call %.64r was not answered: no record could hold such an id", call)
                    return None
                if len(self._calls) >= AT_ONCE:
                    del self._calls[next(iter(self._calls))]
                self._calls[call] = _Call(Dialogue(self._line, call, caller), self._now())
            return self._calls[call]
