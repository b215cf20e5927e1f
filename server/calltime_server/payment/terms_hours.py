"""Has every hour one price, and only one?

A gap: hours of ordinary days for which no rate fits, where the same visits have a price at other hours. An overlap: two rates that fit
equally, so that nobody could say which is meant. Which of two rates goes before the other stands at `Rate`.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from calltime_server.payment.terms_price import Price, Rate
from calltime_server.payment.toml_lines import Key

Visit = tuple[str | None, str | None, str | None]  # service, zone, provider; None: one that no rate names
Spans = tuple[tuple[int, int], ...]  # minutes of the day

DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}
FITS = {
    **{day: ("any", "weekday", day) for day in ("mon", "tue", "wed", "thu", "fri")},
    **{day: ("any", "weekend", day) for day in ("sat", "sun")},
}
WHOLE_DAY = 24 * 60


def wrong_hours(price: Price) -> Iterator[tuple[Key, str]]:
    """Where a rate stands that is at fault, from ("price", …), with what is wrong."""
    yield from _overlaps(price.rate)
    yield from _special_days(price)
    if price.pounds_per_hour is None:
        yield from _gaps(price.rate)


def has_price(price: Price, service: str) -> bool:
    """Whether any rate fits visits of this service."""
    return price.pounds_per_hour is not None or any(not rate.services or service in rate.services for rate in price.rate)


def _overlaps(rates: Sequence[Rate]) -> Iterator[tuple[Key, str]]:
    for (first, one), (second, other) in combinations(enumerate(rates), 2):
        days = sorted(set(one.days) & set(other.days))
        start, end = max(_minute(one.from_time), _minute(other.from_time)), min(_minute(one.to_time), _minute(other.to_time))
        if days and start < end and _fit_equally(one, other):
            hours = f"{_wall(start)}–{_wall(end)} of {_listed(days)}"
            says = f"[[price.rate]] {second + 1} and [[price.rate]] {first + 1} both fit {hours}, and neither goes before the other."
            yield ("price", "rate", second), f"{says} Let one of them end earlier, or name fewer days, services, zones or providers."


def _fit_equally(one: Rate, other: Rate) -> bool:
    pairs = ((one.services, other.services), (one.zones, other.zones), (one.providers, other.providers))
    return all(set(mine) & set(theirs) or not (mine or theirs) for mine, theirs in pairs)


def _special_days(price: Price) -> Iterator[tuple[Key, str]]:
    for number, rate in enumerate(price.rate):
        if "special_day" in rate.days and price.special_days is None:
            says = "is for special days, and no [price.special_days] says which these are. Add it, or remove the day kind."
            yield ("price", "rate", number, "days"), f"[[price.rate]] {number + 1} {says}"
    if price.special_days is not None and not any("special_day" in rate.days for rate in price.rate):
        says = "[price.special_days] names days, and no [[price.rate]] is for them. Add one with the day kind special_day."
        yield ("price", "special_days"), says


def _gaps(rates: Sequence[Rate]) -> Iterator[tuple[Key, str]]:
    found: dict[str, tuple[int, list[Visit]]] = {}
    for visit in _kinds_of_visit(rates):
        fitting = [number for number, rate in enumerate(rates) if _fits(rate, visit)]
        hours = {day: _uncovered([rates[number] for number in fitting], day) for day in DAYS}
        if any(hours.values()) and any(gap != ((0, WHOLE_DAY),) for gap in hours.values()):
            found.setdefault(_told(hours), (fitting[0], []))[1].append(visit)
    for told, (number, visits) in found.items():
        widest = [visit for visit in visits if not any(_is_among(visit, other) for other in visits if other != visit)]
        whose = "" if widest == [(None, None, None)] else f" for {_listed([_named(visit) for visit in widest])}"
        says = f"No rate fits{whose} {told}. Add a [[price.rate]] for these hours, or pounds_per_hour in [price] for all that no rate fits."
        yield ("price", "rate", number), says


def _is_among(visit: Visit, other: Visit) -> bool:
    return all(wide in (None, narrow) for narrow, wide in zip(visit, other, strict=True))


def _kinds_of_visit(rates: Sequence[Rate]) -> Iterator[Visit]:
    services = dict.fromkeys(word for rate in rates for word in rate.services)
    zones = dict.fromkeys(word for rate in rates for word in rate.zones)
    providers = dict.fromkeys(word for rate in rates for word in rate.providers)
    return product((None, *services), (None, *zones), (None, *providers))


def _fits(rate: Rate, visit: Visit) -> bool:
    service, zone, provider = visit
    return all(not words or word in words for words, word in ((rate.services, service), (rate.zones, zone), (rate.providers, provider)))


def _uncovered(rates: Sequence[Rate], day: str) -> Spans:
    covered = sorted((_minute(rate.from_time), _minute(rate.to_time)) for rate in rates if set(rate.days) & set(FITS[day]))
    gaps, reached = [], 0
    for start, end in [*covered, (WHOLE_DAY, WHOLE_DAY)]:
        if start > reached:
            gaps.append((reached, start))
        reached = max(reached, end)
    return tuple(gaps)


def _told(hours: dict[str, Spans]) -> str:
    days_of: dict[Spans, list[str]] = {}
    for day, gap in hours.items():
        if gap:
            days_of.setdefault(gap, []).append(DAYS[day])
    return " and ".join(f"{_listed([f'{_wall(a)}–{_wall(b)}' for a, b in gap])} on {_listed(days)}" for gap, days in days_of.items())


def _named(visit: Visit) -> str:
    service, zone, provider = visit
    words = [service or "any other service", *([f"in {zone}"] if zone else []), *([f"by {provider}"] if provider else [])]
    return " ".join(words)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _minute(wall: str) -> int:
    hours, minutes = wall.split(":")
    return int(hours) * 60 + int(minutes)


def _wall(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
