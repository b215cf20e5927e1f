"""Which rules do some terms come to, in the order in which they are followed, and in plain English?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from calltime_server.payment.gate_words import UNMADE_WORDS, lacking_releases
from calltime_server.payment.rule_words import listed, told_rule
from calltime_server.payment.ruling import Ruling
from calltime_server.payment.terms import Charge, NotMade, Shares, Terms
from calltime_server.payment.terms_price import Rate
from calltime_server.payment.terms_steps import DoubleHanded

# What else stops a line by itself, whatever the terms say, and what releases it.
PARKED = (
    ("no terms are in force on its day", "the terms of that day"),
    ("carers tapped although the service user is away", "a person who says which of the two is right"),
    ("no price fits it", "terms with a price for these hours"),
)
DAYS = {
    "any": "every day",
    "weekday": "Monday to Friday",
    "weekend": "Saturday and Sunday",
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
    "bank_holiday": "bank holidays",
    "special_day": "special days",
}
AS_WRITTEN: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: the council's sentence, the clause where it stands, and what it does here, with its numbers."""

    title: str
    clause: str
    says: str
    does: str


def calculation(terms: Terms) -> Iterator[Rule]:
    """From the taps to the price."""
    yield _rule("Taps become contacts", terms.pairing)
    yield _rule("Contacts find their planned visits", terms.matching)
    for step in terms.visit_steps:
        yield _rule(_title(step.step), step)
    if terms.period is not None:
        yield _rule("Periods", terms.period)
    for later in terms.period_steps:
        yield _rule(_title(later.step), later)
    yield Rule(title="The price", clause=terms.price.clause, says=terms.price.says, does="The rates stand below.")


def _title(step: str) -> str:
    return step.replace("_", " ").capitalize()


def _rule(title: str, ruling: Ruling) -> Rule:
    return Rule(title=title, clause=ruling.clause, says=ruling.says, does=told_rule(ruling))


def rates(terms: Terms) -> list[tuple[str, ...]]:
    """Days, hours, for whom, an hour's price and the clause of each rate."""
    price = terms.price
    rows = [_rate(rate) for rate in price.rate]
    if price.pounds_per_hour is not None:
        rest = ("whenever", "no price above fits", "all care") if rows else ("every day", "all day", "all care")
        rows.append((*rest, f"£{price.pounds_per_hour}", price.clause))
    return rows


def _rate(rate: Rate) -> tuple[str, ...]:
    whom = [*rate.services, *(f"zone {zone}" for zone in rate.zones), *(f"provider {provider}" for provider in rate.providers)]
    hours = "all day" if (rate.from_time, rate.to_time) == ("00:00", "24:00") else f"{rate.from_time}–{rate.to_time}"
    return ", ".join(DAYS[day] for day in rate.days), hours, ", ".join(whom) or "all care", f"£{rate.pounds_per_hour}", rate.clause


def special_days(terms: Terms) -> tuple[str, ...]:
    """25 December, or 15 June 2026; none where the terms price no such days."""
    return tuple(map(_spelled, terms.price.special_days.days)) if terms.price.special_days else ()


def _spelled(day: str) -> str:
    year, month_and_day = (day[:4], day[5:]) if len(day) > len("12-25") else ("", day)
    of = date.fromisoformat(f"{year or 2024}-{month_and_day}")  # 2024 has every day
    return f"{of.day} {of:%B} {year}".rstrip()


def who_pays(terms: Terms) -> Iterator[str]:
    """What others than the council pay."""
    yield from map(_share, terms.shares)
    yield from map(_charge, terms.charge)


def _share(share: Shares) -> str:
    whose = ", ".join(share.services) or "every other service"
    return f"Of {whose} the NHS pays {share.health_percent} % and the council the rest ({share.clause}): “{share.says}”"


def _charge(charge: Charge) -> str:
    whose = ", ".join(charge.services) or "every other service"
    return f"Of {whose} the service user is charged {charge.percent} % ({charge.clause}): “{charge.says}”"


def not_paid(terms: Terms, reasons: Mapping[str, str] = AS_WRITTEN) -> Iterator[str]:
    """What is refused, and what is parked until something comes. `reasons`: the words of each reason for an entry, by its code."""
    yield from _refused(terms)
    yield from _parked(terms, reasons)


def _refused(terms: Terms) -> Iterator[str]:
    yield f"Refused ({terms.missed.clause}): “{terms.missed.says}”"
    yield from map(_not_made, terms.not_made)
    if terms.absence is not None:
        yield f"Refused from the hour of an absence on ({terms.absence.clause}): “{terms.absence.says}”"


def _not_made(each: NotMade) -> str:
    most = f", at most {each.at_most_minutes} min" if each.at_most_minutes else ""
    return f"Not made because {UNMADE_WORDS[each.why]}: {each.percent} % of the planned time is paid{most} ({each.clause}): “{each.says}”"


def _parked(terms: Terms, reasons: Mapping[str, str]) -> Iterator[str]:
    for why, releases in (("its start or its stop is missing", lacking_releases(terms)), *PARKED):
        yield f"Parked while {why}; what releases it: {releases}."
    if terms.period_steps:
        yield "Parked while no package of care that fits it was agreed, where a step needs one; what releases it: a package."
    if any(isinstance(step, DoubleHanded) and step.pays == "together" for step in terms.visit_steps):
        yield "Parked while one of several carers has not both taps; what releases it: her taps, or a correction with the reason."
    if terms.entered is not None:
        paid = listed(tuple(f"“{reasons.get(code, code)}”" for code in terms.entered.reasons) or ("none",), "or")
        yield f"Parked when entered by hand with another reason than {paid} ({terms.entered.clause}): “{terms.entered.says}”"
    else:
        yield "Parked when entered by hand: these terms name no reasons with which that is paid."
    if terms.grade is not None:
        yield f"Parked when a tap proves less than grade {terms.grade.at_least} ({terms.grade.clause}): “{terms.grade.says}”"
