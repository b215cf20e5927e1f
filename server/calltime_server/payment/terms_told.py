"""What do some terms come to, told in plain English?

Markdown that can be read as it stands: the calculation by its number, with the council's own sentence and the clause; the prices; what is
parked and what is refused; and the worked examples, step by step.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from calltime_server.payment.catalogue import does, words_of
from calltime_server.payment.examples import Played, figures, telling_lines
from calltime_server.payment.ruling import Ruling
from calltime_server.payment.terms import Charge, NotMade, Shares, Terms
from calltime_server.payment.terms_price import Rate
from calltime_server.payment.terms_steps import BlockHours, DoubleHanded

AN_HOUR = 60

# What stops a line by itself, whatever the terms say, and what releases it.
PARKED = (
    ("its start or its stop is missing", "the tap, or a correction by the provider with the reason"),
    ("no terms are in force on its day", "the terms of that day"),
    ("carers tapped although the service user is away", "a person who says which of the two is right"),
    ("no price fits it", "terms with a price for these hours"),
)


def told_terms(terms: Terms, played: Sequence[Played]) -> str:
    """All of it, as Markdown. `played` are the terms' examples."""
    parts = [
        f"# {terms.council[0].upper()}{terms.council[1:]} from {_day(terms.starts)}: {terms.title}",
        _about(terms),
        "## The calculation",
        "\n".join(f"{number}. {step}" for number, step in enumerate(_calculation(terms), start=1)),
        "## The price",
        *_price(terms),
        *_who_pays(terms),
        "## What is not paid, or not yet",
        "\n".join(f"- {each}" for each in (*_refused(terms), *_parked(terms))),
        *_cliffs(terms),
        "## Worked examples",
        *(_example(number, each) for number, each in enumerate(played, start=1)),
    ]
    return "\n\n".join(parts) + "\n"


def _about(terms: Terms) -> str:
    until = f"to {_day(terms.ends)}" if terms.ends else "until they are changed"
    in_force = f"Council: {terms.council}. In force from {_day(terms.starts)} {until}."
    approved = f"Approved by {terms.approved_by[0]} and {terms.approved_by[1]}."
    return f"{in_force} {approved} Bank holidays are those of {terms.nation.title()}."


def _calculation(terms: Terms) -> Iterator[str]:
    yield _ruling("Taps become contacts", terms.pairing)
    yield _ruling("Contacts find their planned visits", terms.matching)
    for step in terms.visit_steps:
        yield _ruling(step.step.replace("_", " ").capitalize(), step, does(type(step)))
    if terms.period is not None:
        yield _ruling("Periods", terms.period)
    for later in terms.period_steps:
        rate = f" Its hour costs £{later.pounds_per_hour}." if isinstance(later, BlockHours) else ""
        yield _ruling(later.step.replace("_", " ").capitalize(), later, does(type(later))) + rate
    yield f"**The price** ({terms.price.clause}): “{terms.price.says}” The rates stand below."


def _ruling(title: str, ruling: Ruling, what: str = "") -> str:
    numbers = "; ".join(words for words in words_of(ruling) if not words.startswith("pounds"))
    told = f"**{title}** ({ruling.clause}): “{ruling.says}”"
    return " ".join([told, *([f"That is: {what[0].lower()}{what[1:]}"] if what else []), *([f"[{numbers}]"] if numbers else [])])


def _price(terms: Terms) -> Iterator[str]:
    price = terms.price
    rows = [_rate(rate) for rate in price.rate]
    if price.pounds_per_hour is not None:
        rows.append(("all other hours" if rows else "all hours", "", "all" if not rows else "", f"£{price.pounds_per_hour}", price.clause))
    yield _table(("days", "hours", "for", "an hour", "clause"), rows)
    if price.band:
        yield "Bands have a price of their own; what is longer than its band is paid by the hour on top."
        yield _table(("minutes", "price"), [(str(band.minutes), f"£{band.pounds}") for band in price.band])
    if price.special_days is not None:
        days = ", ".join(price.special_days.days)
        yield f"Special days ({price.special_days.clause}): {days}. “{price.special_days.says}”"
    yield "A price is worked out exactly and rounded once for each line, to the nearest penny, halves up."


def _rate(rate: Rate) -> tuple[str, ...]:
    whom = [*rate.services, *(f"zone {zone}" for zone in rate.zones), *(f"provider {provider}" for provider in rate.providers)]
    days = ", ".join(day.replace("_", " ") for day in rate.days)
    return days, f"{rate.from_time}–{rate.to_time}", ", ".join(whom) or "all", f"£{rate.pounds_per_hour}", rate.clause


def _who_pays(terms: Terms) -> Iterator[str]:
    told = [*map(_share, terms.shares), *map(_charge, terms.charge)]
    if told:
        yield "\n".join(f"- {each}" for each in told)


def _share(share: Shares) -> str:
    whose = ", ".join(share.services) or "every other service"
    return f"Of {whose} the NHS pays {share.health_percent} % and the council the rest ({share.clause}): “{share.says}”"


def _charge(charge: Charge) -> str:
    whose = ", ".join(charge.services) or "every other service"
    return f"Of {whose} the service user is charged {charge.percent} % ({charge.clause}): “{charge.says}”"


def _refused(terms: Terms) -> Iterator[str]:
    yield f"Refused ({terms.missed.clause}): “{terms.missed.says}”"
    yield from map(_not_made, terms.not_made)
    if terms.absence is not None:
        yield f"Refused from the hour of an absence on ({terms.absence.clause}): “{terms.absence.says}”"


def _not_made(each: NotMade) -> str:
    why, most = each.why.replace("_", " "), f", of {each.at_most_minutes} min at the most" if each.at_most_minutes else ""
    return f"Not made, {why}: {each.percent} % of the planned time is paid{most} ({each.clause}): “{each.says}”"


def _parked(terms: Terms) -> Iterator[str]:
    for why, releases in PARKED:
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


def _cliffs(terms: Terms) -> Iterator[str]:
    if terms.known_cliffs:
        yield "## Where staying longer pays less"
        yield "\n".join(f"- Visits planned for {each.planned_minutes} min ({each.clause}): “{each.says}”" for each in terms.known_cliffs)


def _example(number: int, played: Played) -> str:
    came = ", ".join(figure.words.format(_shown(figure.came, figure.unit)) for figure in figures(played))
    lines = [f"- {each}" for each in telling_lines(played.lines)]
    title = f"**{number}. {played.example.name[0].upper()}{played.example.name[1:]}**: {came}."
    return "\n".join([title, "", *lines])


def _shown(value: object, unit: str) -> str:
    """£198.00, 45 min, 11 h 30 min, or 27 min 45 s."""
    if not isinstance(value, int):
        return "nothing" if value == "no" else str(value)
    match unit:
        case "pence":
            return f"£{value // 100}.{value % 100:02}"
        case "min":
            return _length(value, ("h", "min")) if value > AN_HOUR else f"{value} min"
        case "s":
            return _length(value, ("min", "s"))
        case _:
            return str(value)


def _length(value: int, units: tuple[str, str]) -> str:
    sixties, rest = divmod(value, 60)
    parts = [f"{number} {unit}" for number, unit in zip((sixties, rest), units, strict=True) if number]
    return " ".join(parts) or f"0 {units[0]}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
