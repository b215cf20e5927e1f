"""At which instant was what somebody typed? An end, with its time of day alone, at the one that fits the end that is there, or the plan."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from calltime_server.visits.civil_day import day_of
from calltime_server.visits.wall import LONDON, instants

A_DAY = timedelta(days=1)


def read_wall(text: str, *, what: str) -> time | str:
    """A time of day, or what is wrong with it. 11:30 may be typed as 11.30 or 1130, too."""
    found = re.fullmatch(r"(\d{1,2})[:.]?(\d\d)", text.strip(), re.ASCII)
    if not text.strip():
        return f"Write the time of the {what}, as in 09:05: it is not known, and nothing is put in for it."
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return f"“{text.strip()[:20]}” is not a time of day. Write hours and minutes, as in 09:05."
    return time(int(found[1]), int(found[2]))


def read_moment(text: str) -> datetime | str:
    """When the office was told, or what is wrong with what was typed."""
    found = re.fullmatch(r"(20\d\d-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d)?", text.strip(), re.ASCII)
    try:
        on, wall = (date.fromisoformat(found[1]), time.fromisoformat(found[2])) if found else (None, None)
    except ValueError:
        on, wall = None, None
    if on is None or wall is None:
        return "Write the day and the time at which the office was told: how short the notice was decides what is paid."
    return near_plan(wall, on)


def between(wall: time, *, longest: timedelta, after: datetime | None = None, before: datetime | None = None) -> datetime | str | None:
    """The first such instant after the start, or the last one before the end; None: the end to go by is not known itself."""
    anchor = after or before
    if anchor is None:
        return None
    own = day_of(anchor)
    moments = [at for day in (own - A_DAY, own, own + A_DAY) for at in instants(day, wall)]
    fit = [at for at in moments if timedelta(0) < (at - anchor if after else anchor - at) <= longest]
    if fit:
        return min(fit) if after else max(fit)
    shown = anchor.astimezone(LONDON)
    side, there = ("end", "start") if after else ("start", "end")
    return (
        f"The {there} is at {shown:%H:%M}, and {wall:%H:%M} is no {side} to it: a visit lasts more than no time and at most "
        f"{longest // timedelta(hours=1)} hours. Check the time."
    )


def near_plan(wall: time, planned: datetime | date) -> datetime | str:
    """The instant nearest to the planned one, or the one of that day."""
    if not isinstance(planned, datetime):
        found = instants(planned, wall)
        return found[0] if found else f"On {planned:%-d %B %Y} London's clocks go forward over {wall:%H:%M}. Write the time that is meant."
    own = day_of(planned)
    moments = [at for day in (own - A_DAY, own, own + A_DAY) for at in instants(day, wall)]
    return min(moments, key=lambda at: (abs(at - planned), at))
