"""How are a day and a time of London's clocks read from a CSV field? Each reader raises ValueError with what to write instead."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache

from calltime_server.jobs.csv_fields import shown
from calltime_server.visits.wall import instants


def day(text: str) -> date:
    """A civil day."""
    try:
        return date.fromisoformat(text if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else "")
    except ValueError:
        raise ValueError(f"{shown(text)} is not a day. Write it as YYYY-MM-DD.") from None


def wall_time(*, seconds: bool = False) -> Callable[[str], datetime]:
    """A reader of the instant, in UTC, at which London's clocks first show this: a minute, or also a second where `seconds` may stand."""
    form = "YYYY-MM-DD HH:MM" + (" or YYYY-MM-DD HH:MM:SS" if seconds else "")
    pattern = re.compile(r"(20\d\d-\d\d-\d\d) (\d\d:\d\d" + (r"(?::\d\d)?" if seconds else "") + ")", re.ASCII)

    @lru_cache(maxsize=65536)  # a plan has the same starts again and again
    def read(text: str) -> datetime:
        found = pattern.fullmatch(text)
        try:
            on, wall = (date.fromisoformat(found[1]), time.fromisoformat(found[2])) if found else (None, None)
        except ValueError:
            on, wall = None, None
        if on is None or wall is None:
            raise ValueError(f"{shown(text)} is not a time. Write London wall time as {form}.")
        at = instants(on, wall)
        if not at:
            raise ValueError(f"On {on} London's clocks go forward over {wall:%H:%M}: there is no such time. Write the time that is meant.")
        return at[0]

    return read
