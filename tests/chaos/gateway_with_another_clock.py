"""What does a gateway do whose clock is wrong? Run as a script, this is `calltime-gateway` that lives some seconds before or after us.

Whatever asks `datetime` for the time in its modules is shifted. That there is none to shift is an error and not a test that passes.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta, tzinfo
from typing import Self

SHIFT = "CALLTIME_TEST_CLOCK_SHIFT_SECONDS"


class Shifted(datetime):
    """The time, so much too early or too late."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        there = datetime.now(tz) + timedelta(seconds=int(os.environ[SHIFT]))
        return cls.fromtimestamp(there.timestamp(), tz)


if __name__ == "__main__":
    from calltime_gateway.cli import main

    with_a_clock = [
        module
        for name, module in sys.modules.items()
        if name.startswith("calltime_gateway") and getattr(module, "datetime", None) is datetime
    ]
    if not with_a_clock:
        sys.exit("No module of the gateway imports datetime any more: this test shifts nothing.")
    for module in with_a_clock:
        module.datetime = Shifted  # type: ignore[attr-defined]
    main()
