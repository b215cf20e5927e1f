"""Which days are bank holidays in a nation?"""

from collections.abc import Iterable
from datetime import date, timedelta

from holidays import country_holidays

from calltime_server.payment.terms import Nation

IN_LIEU = " (observed)"


def bank_holidays(nation: Nation, years: Iterable[int]) -> frozenset[date]:
    """The bank holidays of these years, as the government lists them.

    # ASSUMPTION: where a day is given in lieu of one that falls on a weekend, the day in lieu is the bank holiday and the other is none.
    """
    # A day in lieu may stand in another year than the day for which it is given.
    wanted = sorted(set(years))
    known = country_holidays("GB", subdiv={"england": "ENG", "wales": "WLS"}[nation], years=[*wanted, wanted[0] - 1, wanted[-1] + 1])
    named = {day: {name.strip() for name in known.get_list(day)} for day in known}
    return frozenset(day for day, names in named.items() if day.year in wanted and not all(_is_moved(day, name, named) for name in names))


def _is_moved(day: date, name: str, named: dict[date, set[str]]) -> bool:
    return any(name + IN_LIEU in named.get(day + timedelta(days=later), ()) for later in range(1, 5))
