"""What do some terms come to, told in plain English?

Markdown that can be read as it stands: the calculation by its number, with the council's own sentence and the clause; the prices; what is
parked and what is refused; and the worked examples, step by step.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from calltime_server.payment.examples import Played, figures, telling_lines
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_rules import Rule, calculation, not_paid, rates, special_days, who_pays

AN_HOUR = 60


def told_terms(terms: Terms, played: Sequence[Played]) -> str:
    """All of it, as Markdown. `played` are the terms' examples."""
    parts = [
        f"# {terms.council[0].upper()}{terms.council[1:]} from {_day(terms.starts)}: {terms.title}",
        _about(terms),
        "## The calculation",
        "\n".join(f"{number}. {step}" for number, step in enumerate(map(_rule, calculation(terms)), start=1)),
        "## The price",
        *_price(terms),
        *_who_pays(terms),
        "## What is not paid, or not yet",
        "\n".join(f"- {each}" for each in not_paid(terms)),
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


def _rule(rule: Rule) -> str:
    return f"**{rule.title}** ({rule.clause}): “{rule.says}” {rule.does}".rstrip()


def _price(terms: Terms) -> Iterator[str]:
    price = terms.price
    yield _table(("days", "hours", "for", "an hour", "clause"), rates(terms))
    if price.band:
        yield "Bands have a price of their own; what is longer than its band is paid by the hour on top."
        yield _table(("minutes", "price"), [(str(band.minutes), f"£{band.pounds}") for band in price.band])
    if price.special_days is not None:
        days = ", ".join(special_days(terms))
        yield f"Special days ({price.special_days.clause}): {days}. “{price.special_days.says}”"
    yield "A price is worked out exactly and rounded once for each line, to the nearest penny, halves up."


def _who_pays(terms: Terms) -> Iterator[str]:
    told = tuple(who_pays(terms))
    if told:
        yield "\n".join(f"- {each}" for each in told)


def _cliffs(terms: Terms) -> Iterator[str]:
    if terms.known_cliffs:
        yield "## Where staying longer pays less"
        yield "\n".join(f"- Visits planned for {each.planned_minutes} min ({each.clause}): “{each.says}”" for each in terms.known_cliffs)


def _example(number: int, played: Played) -> str:
    came = came_of(played)
    lines = [f"- {each}" for each in telling_lines(played.lines)]
    title = f"**{number}. {played.example.name[0].upper()}{played.example.name[1:]}**: {came}."
    return "\n".join([title, "", *lines])


def came_of(played: Played) -> str:
    """What came of an example, in words."""
    return ", ".join(figure.words.format(_shown(figure.came, figure.unit)) for figure in figures(played))


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
