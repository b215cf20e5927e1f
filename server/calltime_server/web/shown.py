"""How are days, times, lengths and money shown to people in Britain? In their language, and all times in London."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal, TypeAlias

from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit

from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.wall import LONDON
from calltime_server.web.language import LOCALE, Language, translations

Unit: TypeAlias = Literal["hour", "minute", "second"]
ENGLISH_UNITS: dict[Unit, str] = {"hour": "h", "minute": "min", "second": "s"}
"""Shorter than CLDR's "hrs" and "mins", and as they stand in terms and statements."""


def shows(language: Language) -> dict[str, Callable[..., object]]:
    """The filters of pages in this language, by name."""
    spoken = (lasting, hours, day, short_day, month, moment, number)
    plain = (pounds, minute, second, sentences, per_cent)
    return {show.__name__: partial(show, language=language) for show in spoken} | {show.__name__: show for show in plain}


def pounds(pence: int) -> str:
    """£1,204.50, or −£8.42 for what is taken back. It is the same in Welsh."""
    return f"{'−' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def per_cent(hundredths: int) -> str:
    """96.2 %, of hundredths of a per cent; rounded down, so that what is below a threshold never looks as if it reached it."""
    return f"{hundredths // 100}.{hundredths % 100 // 10} %"


def lasting(seconds: int, *, language: Language = "en") -> str:
    """27 min 45 s, or without the half that is nothing."""
    minutes, rest = divmod(seconds, 60)
    shown = [_unit(minutes, "minute", language)] * bool(minutes or not rest) + [_unit(rest, "second", language)] * bool(rest)
    return " ".join(shown)


def hours(seconds: int, *, language: Language = "en") -> str:
    """240 h 05 min, or 12 min; seconds that do not fill a minute are not shown."""
    whole, minutes = divmod(seconds // 60, 60)
    rest = _unit(minutes, "minute", language)
    return f"{_unit(whole, 'hour', language)} {'0' if minutes < 10 else ''}{rest}" if whole else rest


def day(of: date, *, language: Language = "en") -> str:
    """Monday 5 October 2026"""
    return format_date(of, "EEEE d MMMM y", locale=LOCALE[language])


def short_day(of: date, *, language: Language = "en") -> str:
    """5 Oct 2026"""
    return format_date(of, "d MMM y", locale=LOCALE[language])


def month(of: date, *, language: Language = "en") -> str:
    """October 2026"""
    return format_date(of, "MMMM y", locale=LOCALE[language])


def minute(at: datetime) -> str:
    """08:04"""
    return f"{at.astimezone(LONDON):%H:%M}{_zone(at)}"


def second(at: datetime) -> str:
    """08:04:10, or 08:04:10.250 where there are thousandths."""
    local = at.astimezone(LONDON)
    thousandths = f".{local.microsecond // 1000:03}" if local.microsecond >= 1000 else ""
    return f"{local:%H:%M:%S}{thousandths}{_zone(at)}"


def moment(at: datetime, *, language: Language = "en") -> str:
    """08:04:10 on Monday 5 October 2026"""
    # Translators: a time of day and a day, such as "08:04:10 on Monday 5 October 2026".
    words = translations(language).gettext("%(time)s on %(day)s")
    return words % {"time": second(at), "day": day(day_of(at), language=language)}


def planned(start: datetime, minutes: int) -> str:
    """08:00–08:30"""
    return f"{minute(start)}–{minute(start + timedelta(minutes=minutes))}"


def sentences(text: str) -> list[str]:
    """An explanation, step by step; joined with spaces they are the text again."""
    return re.split(r"(?<=\.) (?=[A-Z0-9])", text)


def number(count: int, *, language: Language = "en") -> str:
    """1,204"""
    return format_decimal(count, locale=LOCALE[language])


def _unit(count: int, unit: Unit, language: Language) -> str:
    if language == "en":
        return f"{count:,} {ENGLISH_UNITS[unit]}"
    return format_unit(count, f"duration-{unit}", length="short", locale=LOCALE[language])


def _zone(at: datetime) -> str:
    """Only on the two days a year on which a time without it would mislead."""
    start, end = span_of(day_of(at))
    return "" if end - start == timedelta(hours=24) else f" {at.astimezone(LONDON):%Z}"
