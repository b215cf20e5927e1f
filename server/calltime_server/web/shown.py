"""How are days, times, lengths and money shown to people in Britain? All times in London."""

import re
from datetime import date, datetime, timedelta

from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.wall import LONDON


def pounds(pence: int) -> str:
    """£1,204.50, or −£8.42 for what is taken back."""
    return f"{'−' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def lasting(seconds: int) -> str:
    """27 min 45 s, or without the half that is nothing."""
    minutes, rest = divmod(seconds, 60)
    return " ".join([f"{minutes} min"] * bool(minutes or not rest) + [f"{rest} s"] * bool(rest))


def hours(seconds: int) -> str:
    """240 h 05 min, or 12 min; seconds that do not fill a minute are not shown."""
    whole, minutes = divmod(seconds // 60, 60)
    return f"{whole:,} h {minutes:02} min" if whole else f"{minutes} min"


def day(of: date) -> str:
    """Monday 5 October 2026"""
    return f"{of:%A} {of.day} {of:%B %Y}"


def minute(at: datetime) -> str:
    """08:04"""
    return f"{at.astimezone(LONDON):%H:%M}{_zone(at)}"


def second(at: datetime) -> str:
    """08:04:10, or 08:04:10.250 where there are thousandths."""
    local = at.astimezone(LONDON)
    thousandths = f".{local.microsecond // 1000:03}" if local.microsecond >= 1000 else ""
    return f"{local:%H:%M:%S}{thousandths}{_zone(at)}"


def moment(at: datetime) -> str:
    """08:04:10 on Monday 5 October 2026"""
    return f"{second(at)} on {day(day_of(at))}"


def planned(start: datetime, minutes: int) -> str:
    """08:00–08:30"""
    return f"{minute(start)}–{minute(start + timedelta(minutes=minutes))}"


def sentences(text: str) -> list[str]:
    """An explanation, step by step; joined with spaces they are the text again."""
    return re.split(r"(?<=\.) (?=[A-Z0-9])", text)


def number(count: int) -> str:
    """1,204"""
    return f"{count:,}"


def _zone(at: datetime) -> str:
    """Only on the two days a year on which a time without it would mislead."""
    start, end = span_of(day_of(at))
    return "" if end - start == timedelta(hours=24) else f" {at.astimezone(LONDON):%Z}"
