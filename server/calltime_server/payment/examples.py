"""Do the worked examples of some terms come out?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from calltime_server.payment.example_frames import Numbered, adds_up_providers, frames_of, provider_of
from calltime_server.payment.settling import Settlement, decided, settle
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_example import Example

LINES_SHOWN = 3
OUTCOMES = {"pay": "paid", "park": "parked", "refuse": "refused"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """An example, and the lines that its terms come to. `provider` is whose visits these were."""

    example: Example
    lines: pl.DataFrame
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Something that an example names. `words` has a place for the value with its unit, which is that of the file's own key."""

    words: str
    unit: Literal["min", "pence", "s", ""] = ""
    expected: object
    came: object


def wrong_examples(terms: Terms) -> tuple[tuple[int, str], ...]:
    """The number of each example that comes to something else, from 0, with what was expected and what came, step by step."""
    wrong = [number for number, played in enumerate(_played(terms, decided)) if _differs(played)]
    in_words = play(terms) if wrong else ()  # words cost time, and examples that come out need none
    return tuple((number, _told(in_words[number])) for number in wrong)


def play(terms: Terms) -> tuple[Played, ...]:
    """All examples of the terms, worked and explained."""
    return _played(terms, settle)


def _played(terms: Terms, work: Callable[..., Settlement]) -> tuple[Played, ...]:
    came: dict[int, pl.DataFrame] = {}
    for together in _companies(terms):
        frames = frames_of(together, terms)
        lines = work(plan=frames.plan, taps=frames.taps, terms=terms, told=frames.told, agreed=frames.agreed).lines
        for number, _ in together:
            mine = lines if len(together) == 1 else lines.filter(pl.col("service_user") == str(number))
            came[number] = mine
    return tuple(
        Played(example=example, lines=came[number], provider=provider_of(number, example, terms))
        for number, example in enumerate(terms.examples)
    )


def figures(played: Played) -> tuple[Figure, ...]:
    """Whatever the example names, with what came: minutes and pence first."""
    return tuple(figure for figure in _figures(played) if figure.expected is not None)


def telling_lines(lines: pl.DataFrame) -> tuple[str, ...]:
    """The explanations from which most can be learned: the first line of each kind and outcome, and how many there are more."""
    differs = ["kind", "outcome", "reason", pl.col("parked_minutes") > 0]
    first = lines.filter(pl.struct(*differs).is_first_distinct())["explanation"].to_list()[:LINES_SHOWN]
    more = lines.height - len(first)
    return tuple(first) if not more else (*first, f"… and {more} line{'s' if more > 1 else ''} more.")


def _companies(terms: Terms) -> Iterator[Sequence[Numbered]]:
    """Which examples are played together. What is known by a day, an absence that lasts, a block, and a provider whose hours are added up
    while the terms call it by its name: those are played alone.
    """
    together = []
    for number, example in enumerate(terms.examples):
        lasting = any(absence.until is None for absence in example.absence)
        named = adds_up_providers(terms) and provider_of(number, example, terms) == example.provider
        if example.settled_on or example.block or lasting or named:
            yield [(number, example)]
        else:
            together.append((number, example))
    if together:
        yield together


def _figures(played: Played) -> Iterator[Figure]:
    example, lines = played.example, played.lines
    visits = lines.filter(pl.col("kind") == "visit")
    yield Figure(words="{}", unit="min", expected=example.paid_minutes, came=lines["paid_minutes"].sum())
    yield Figure(words="{}", unit="pence", expected=example.pence, came=lines["pence"].sum())
    yield Figure(words="{} parked", unit="min", expected=example.parked_minutes, came=lines["parked_minutes"].sum())
    yield Figure(words="{} from the council", unit="pence", expected=example.council_pence, came=lines["council_pence"].sum())
    yield Figure(words="{} from the NHS", unit="pence", expected=example.health_pence, came=lines["health_pence"].sum())
    yield Figure(words="{} charged to the service user", unit="pence", expected=example.charge_pence, came=lines["charge_pence"].sum())
    saved = example.package.banked_minutes if example.package else 0
    yield Figure(words="{} in the bank", unit="min", expected=example.bank_minutes, came=saved + lines["bank_minutes"].sum())
    became = _only(visits["outcome"].replace_strict(OUTCOMES))
    yield Figure(words="the visit {}", expected=OUTCOMES.get(example.outcome or ""), came=became)
    payee = played.provider if example.payee == example.provider else example.payee
    yield Figure(words="the payee {}", expected=payee, came=_only(visits["payee"]))
    for step, seconds in example.after.items():
        yield Figure(
            words=f"{{}} after the step “{_spoken(step)}”", unit="s", expected=seconds, came=_only(visits[f"seconds_after_{step}"])
        )
    for kind, pence in example.kinds.items():
        came = lines.filter(pl.col("kind") == kind)["pence"]
        yield Figure(words=f"{{}} as {kind}", unit="pence", expected=pence, came=came.sum() if len(came) else "no")


def _spoken(step: str) -> str:
    return step.replace("_", " ")


def _only(values: pl.Series) -> object:
    """The value of all the visits, or all values there are."""
    found = values.unique().sort().to_list()
    return found[0] if len(found) == 1 else " and ".join(str(value) for value in found)


def _differs(played: Played) -> bool:
    return any(figure.expected != figure.came for figure in figures(played))


def _told(played: Played) -> str:
    minutes, pence, *others = figures(played)
    shown = [minutes, pence, *(figure for figure in others if figure.expected != figure.came)]
    expected = _listed([_in_units(figure, figure.expected) for figure in shown])
    came = _listed([_in_units(figure, figure.came) for figure in shown])
    says = f"The example “{played.example.name}” says {expected}, but these terms come to {came}: {' · '.join(telling_lines(played.lines))}"
    return f"{says} Correct the example, or the terms."


def _in_units(figure: Figure, value: object) -> str:
    return figure.words.format(f"{value} {figure.unit}".rstrip())


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
