"""Which rules do some terms come to, in the order in which they are followed, and in plain English?"""

from collections.abc import Iterator
from dataclasses import dataclass

from calltime_server.payment.catalogue import does, words_of
from calltime_server.payment.gate_words import lacking_releases
from calltime_server.payment.ruling import Ruling
from calltime_server.payment.terms import Charge, NotMade, Shares, Terms
from calltime_server.payment.terms_price import Rate
from calltime_server.payment.terms_steps import BlockHours, DoubleHanded

# What else stops a line by itself, whatever the terms say, and what releases it.
PARKED = (
    ("no terms are in force on its day", "the terms of that day"),
    ("carers tapped although the service user is away", "a person who says which of the two is right"),
    ("no price fits it", "terms with a price for these hours"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: the council's sentence, the clause where it stands, what it does in general, what it is told here, and what is to be said
    besides.
    """

    title: str
    clause: str
    says: str
    does: str = ""
    numbers: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()


def calculation(terms: Terms) -> Iterator[Rule]:
    """From the taps to the price."""
    yield _rule("Taps become contacts", terms.pairing)
    yield _rule("Contacts find their planned visits", terms.matching)
    for step in terms.visit_steps:
        yield _rule(_title(step.step), step, does(type(step)))
    if terms.period is not None:
        yield _rule("Periods", terms.period)
    for later in terms.period_steps:
        hour = (f"Its hour costs £{later.pounds_per_hour}.",) if isinstance(later, BlockHours) else ()
        yield _rule(_title(later.step), later, does(type(later)), besides=hour)
    yield Rule(title="The price", clause=terms.price.clause, says=terms.price.says, besides=("The rates stand below.",))


def _title(step: str) -> str:
    return step.replace("_", " ").capitalize()


def _rule(title: str, ruling: Ruling, what: str = "", *, besides: tuple[str, ...] = ()) -> Rule:
    numbers = tuple(words for words in words_of(ruling) if not words.startswith("pounds"))
    return Rule(title=title, clause=ruling.clause, says=ruling.says, does=what, numbers=numbers, besides=besides)


def rates(terms: Terms) -> list[tuple[str, ...]]:
    """Days, hours, for whom, an hour's price and the clause of each rate."""
    price = terms.price
    rows = [_rate(rate) for rate in price.rate]
    if price.pounds_per_hour is not None:
        rows.append(("all other hours" if rows else "all hours", "", "all" if not rows else "", f"£{price.pounds_per_hour}", price.clause))
    return rows


def _rate(rate: Rate) -> tuple[str, ...]:
    whom = [*rate.services, *(f"zone {zone}" for zone in rate.zones), *(f"provider {provider}" for provider in rate.providers)]
    days = ", ".join(day.replace("_", " ") for day in rate.days)
    return days, f"{rate.from_time}–{rate.to_time}", ", ".join(whom) or "all", f"£{rate.pounds_per_hour}", rate.clause


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


def not_paid(terms: Terms) -> Iterator[str]:
    """What is refused, and what is parked until something comes."""
    yield from _refused(terms)
    yield from _parked(terms)


def _refused(terms: Terms) -> Iterator[str]:
    yield f"Refused ({terms.missed.clause}): “{terms.missed.says}”"
    yield from map(_not_made, terms.not_made)
    if terms.absence is not None:
        yield f"Refused from the hour of an absence on ({terms.absence.clause}): “{terms.absence.says}”"


def _not_made(each: NotMade) -> str:
    why, most = each.why.replace("_", " "), f", of {each.at_most_minutes} min at the most" if each.at_most_minutes else ""
    return f"Not made, {why}: {each.percent} % of the planned time is paid{most} ({each.clause}): “{each.says}”"


def _parked(terms: Terms) -> Iterator[str]:
    for why, releases in (("its start or its stop is missing", lacking_releases(terms)), *PARKED):
        yield f"Parked while {why}; what releases it: {releases}."
    if terms.period_steps:
        yield "Parked while no package of care that fits it was agreed, where a step needs one; what releases it: a package."
    if any(isinstance(step, DoubleHanded) and step.pays == "together" for step in terms.visit_steps):
        yield "Parked while one of several carers has not both taps; what releases it: her taps, or a correction with the reason."
    if terms.entered is not None:
        reasons = ", ".join(terms.entered.reasons)
        yield f"Parked when entered by hand with another reason than {reasons} ({terms.entered.clause}): “{terms.entered.says}”"
    else:
        yield "Parked when entered by hand: these terms name no reasons with which that is paid."
    if terms.grade is not None:
        yield f"Parked when a tap proves less than grade {terms.grade.at_least} ({terms.grade.clause}): “{terms.grade.says}”"
