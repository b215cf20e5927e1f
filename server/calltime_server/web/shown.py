"""How are days, times, lengths and money shown to people in Britain? In their language, and all times in London."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Literal, TypeAlias

from babel.dates import format_date
from babel.units import format_unit

from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.visits.wall import LONDON
from calltime_server.web.language import LOCALE, Language, translations

Unit: TypeAlias = Literal["hour", "minute", "second"]
ENGLISH_UNITS: dict[Unit, str] = {"hour": "h", "minute": "min", "second": "s"}
"""Shorter than CLDR's "hrs" and "mins", and as they stand in terms and statements."""


def shows(language: Language) -> dict[str, Callable[..., object]]:
    """The filters of pages in this language, by name."""
    spoken = (lasting, hours, day, short_day, day_and_month, month, moment, exact_moment, appointed)
    plain = (number, pounds, minute, second, exact, sentences, per_cent)
    return {show.__name__: partial(show, language=language) for show in spoken} | {show.__name__: show for show in plain}


def pounds(pence: int) -> str:
    """£1,204.50, or −£8.42 for what is taken back. It is the same in Welsh."""
    return f"{'−' if pence < 0 else ''}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


WHOLE = 100_00
"""All of something, in hundredths of a per cent."""


def per_cent(hundredths: int, asked: int = WHOLE) -> str:
    """96.3 %, of hundredths of a per cent that were rounded down (96.25 and more): rounded half up.

    What is `asked` is decided by exact numbers, and what is shown must not contradict it: 79.96 % where 80 % are asked would look as if it
    reached them, 97.54 % where 97.53 % are asked as if it did not, and what 97.55 % are asked of is not asked for 97.6 %. All are shown
    with their hundredths, and so is what is nearly all, or next to nothing but not nothing.
    """
    tenths = (hundredths + 5) // 10
    looks_above = any(hundredths < bound <= tenths * 10 for bound in (asked, WHOLE))
    looks_below = tenths * 10 < asked <= hundredths or 0 < hundredths < 5
    if hundredths % 10 and (hundredths == asked or looks_above or looks_below):
        return f"{hundredths // 100}.{hundredths % 100:02} %"
    return f"{tenths // 10}.{tenths % 10} %"


def lasting(seconds: int, *, language: Language = "en") -> str:
    """27 min 45 s, or without the half that is nothing."""
    minutes, rest = divmod(seconds, 60)
    shown = [_unit(minutes, "minute", language)] * bool(minutes or not rest) + [_unit(rest, "second", language)] * bool(rest)
    return " ".join(shown)


def hours(seconds: int, *, language: Language = "en") -> str:
    """240 h 05 min, or 12 min, or −45 min of what is taken back; seconds that do not fill a minute are not shown."""
    if seconds < 0:
        return f"−{hours(-seconds, language=language)}"
    whole, minutes = divmod(seconds // 60, 60)
    rest = _unit(minutes, "minute", language)
    return f"{_unit(whole, 'hour', language)} {'0' if minutes < 10 else ''}{rest}" if whole else rest


# A page shows the same few days and lengths hundreds of times, and Babel looks up each in its tables anew.
@lru_cache(maxsize=4096)
def day(of: date, *, language: Language = "en") -> str:
    """Monday 5 October 2026"""
    return format_date(of, "EEEE d MMMM y", locale=LOCALE[language])


@lru_cache(maxsize=4096)
def short_day(of: date, *, language: Language = "en") -> str:
    """5 Oct 2026"""
    return format_date(of, "d MMM y", locale=LOCALE[language])


def day_and_month(of: date, *, language: Language = "en") -> str:
    """5 Oct: where the year stands above."""
    return format_date(of, "d MMM", locale=LOCALE[language])


def month(of: date, *, language: Language = "en") -> str:
    """October 2026"""
    return format_date(of, "MMMM y", locale=LOCALE[language])


def minute(at: datetime) -> str:
    """08:04"""
    return f"{at.astimezone(LONDON):%H:%M}{_zone(at)}"


def second(at: datetime) -> str:
    """08:04:10: when something was done in the office."""
    return f"{at.astimezone(LONDON):%H:%M:%S}{_zone(at)}"


def exact(at: datetime) -> str:
    """08:04:10, or 08:04:10.250 where there are thousandths: when a door was tapped, as the record has it."""
    local = at.astimezone(LONDON)
    thousandths = f".{local.microsecond // 1000:03}" if local.microsecond >= 1000 else ""
    return f"{local:%H:%M:%S}{thousandths}{_zone(at)}"


def moment(at: datetime, *, language: Language = "en") -> str:
    """08:04:10 on Monday 5 October 2026: when something was done in the office."""
    return _on_its_day(second(at), at, language)


def exact_moment(at: datetime, *, language: Language = "en") -> str:
    """08:04:10.250 on Monday 5 October 2026: when a door was tapped."""
    return _on_its_day(exact(at), at, language)


def appointed(at: datetime, *, language: Language = "en") -> str:
    """17:00 on Wednesday 7 October 2026: when something falls due."""
    return _on_its_day(minute(at), at, language)


def _on_its_day(time: str, at: datetime, language: Language) -> str:
    # Translators: a time of day and a day, such as "08:04:10 on Monday 5 October 2026".
    words = translations(language).gettext("%(time)s on %(day)s")
    return words % {"time": time, "day": day(day_of(at), language=language)}


def planned(start: datetime, minutes: int) -> str:
    """08:00–08:30"""
    return f"{minute(start)}–{minute(start + timedelta(minutes=minutes))}"


def sentences(text: str) -> list[str]:
    """An explanation, step by step; joined with spaces they are the text again."""
    return re.split(r"(?<=\.) (?=[A-Z0-9])", text)


def number(count: int) -> str:
    """1,204, in both languages."""
    return f"{count:,}"


@lru_cache(maxsize=4096)
def _unit(count: int, unit: Unit, language: Language) -> str:
    if language == "en":
        return f"{count:,} {ENGLISH_UNITS[unit]}"
    return format_unit(count, f"duration-{unit}", length="short", locale=LOCALE[language])


def _zone(at: datetime) -> str:
    """Only on the two days a year on which a time without it would mislead."""
    return f" {at.astimezone(LONDON):%Z}" if _clocks_change(day_of(at)) else ""


@lru_cache(maxsize=4096)
def _clocks_change(on: date) -> bool:
    start, end = span_of(on)
    return end - start != timedelta(hours=24)
