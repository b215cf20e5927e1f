"""What in terms of the right shape makes no sense all the same?

Each check looks at tables that can be read by themselves, so that a fault of one table does not hide those of another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from calltime_server.payment.example_times import planned_day
from calltime_server.payment.step_order import out_of_order
from calltime_server.payment.terms_example import Example
from calltime_server.payment.terms_hours import has_price, wrong_hours
from calltime_server.payment.terms_steps import PERIOD_STEPS, Budget, Retainer
from calltime_server.payment.toml_lines import Key

Wrong = tuple[Key, str]
Parts = Mapping[str, Any]
"""The tables of a file by name, as values; those that could not be read are not among them."""


def senseless(parts: Parts) -> Iterator[Wrong]:
    """Everything that is wrong between well-formed tables."""
    for check in CHECKS:
        yield from check(parts)


def unshown(parts: Parts) -> Iterator[Wrong]:
    """Everything that is wrong with the worked examples: terms that are only tried need none."""
    for check in OF_EXAMPLES:
        yield from check(parts)


def wrong_order(written: Mapping[str, Any]) -> list[Wrong]:
    """Which steps stand wrong, as the file has them (also when their own tables are at fault)."""
    entries = written.get("step")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return []  # the shape is at fault, and says so
    return [(("step", number, "step"), says) for number, says in out_of_order(entries)]


def _days(parts: Parts) -> Iterator[Wrong]:
    starts, ends = parts.get("starts"), parts.get("ends")
    if starts is None:
        return
    if ends is not None and ends < starts:
        yield ("ends",), f"`ends` is {ends}, before `starts`: these terms would never be in force. Correct one of the two."


def _some_example(parts: Parts) -> Iterator[Wrong]:
    if parts.get("example") == ():
        yield ("example",), "No worked example stands here. Add an [[example]]: what was planned and tapped, and what must come out."


def _days_of_examples(parts: Parts) -> Iterator[Wrong]:
    starts, ends = parts.get("starts"), parts.get("ends")
    if starts is None or (ends is not None and ends < starts):
        return
    for number, example in enumerate(parts.get("example", ())):
        for at, visit in enumerate(example.visits):
            day = planned_day(visit.planned)
            if day < starts or (ends is not None and day > ends):
                key: Key = ("example", number, "visit", at, "planned") if example.visit else ("example", number, "planned")
                yield key, f"The example “{example.name}” is of {day}, and these terms are not in force on that day. Choose one that is."


def _hours(parts: Parts) -> Iterator[Wrong]:
    if "price" in parts:
        yield from wrong_hours(parts["price"])


def _priced(parts: Parts) -> Iterator[Wrong]:
    price = parts.get("price")
    if price is None:
        return
    named = [((table, at, "services"), each.services) for table in ("share", "charge") for at, each in enumerate(parts.get(table, ()))]
    named += [(("step", at, "services"), step.services) for at, step in enumerate(parts.get("step", ())) if isinstance(step, Budget)]
    for key, services in named:
        for service in services:
            if not has_price(price, service):
                yield key, f"The service `{service}` has no price. Add a [[price.rate]] that fits it, or correct its name."


def _once(parts: Parts) -> Iterator[Wrong]:
    yield from _twice(parts, "share", lambda each: each.services or ("all services that no other [[share]] names",))
    yield from _twice(parts, "charge", lambda each: each.services or ("all services that no other [[charge]] names",))
    yield from _twice(parts, "not_made", lambda each: (each.why,))
    yield from _twice(parts, "known_cliff", lambda each: (f"{each.planned_minutes} minutes",))


def _twice(parts: Parts, table: str, what: Callable[[Any], Sequence[str]]) -> Iterator[Wrong]:
    seen: dict[str, int] = {}
    for number, each in enumerate(parts.get(table, ())):
        for word in what(each):
            if word in seen:
                says = f"[[{table}]] {number + 1} is for {word}, and so is [[{table}]] {seen[word] + 1}. Only one can hold: remove one."
                yield (table, number), says
            seen.setdefault(word, number)


def _periods(parts: Parts) -> Iterator[Wrong]:
    for number, step in enumerate(parts.get("step", ())):
        if isinstance(step, PERIOD_STEPS) and parts.get("period", "unread") is None:
            says = "works on all visits of a period, and no [period] says how long one is. Add [period] with length and first day."
            yield ("step", number, "step"), f"The step `{step.step}` {says}"
        if isinstance(step, Retainer) and parts.get("absence", "unread") is None:
            says = "pays for visits during an absence, and no [absence] stops their ordinary pay: they could be paid twice. Add [absence]."
            yield ("step", number, "step"), f"The step `retainer` {says}"


def _shown(parts: Parts) -> Iterator[Wrong]:
    """A budget is easily misread, so each of its services needs an example; and an example can only tell of steps that there are."""
    examples: Sequence[Example] | None = parts.get("example")
    steps = parts.get("step")
    if not examples or steps is None:
        return
    shown = {example.service for example in examples if example.package is not None and example.package.budget is not None}
    for number, step in enumerate(steps):
        for service in sorted(set(step.services) - shown) if isinstance(step, Budget) else ():
            says = f"No example shows a package of `{service}` with a budget. Add one: [example.package] with budget and outcome."
            yield ("step", number, "services"), says
    known = {step.step for step in steps}
    for number, example in enumerate(examples):
        for name in sorted(set(example.after) - known):
            says = f"The example “{example.name}” tells what is left after `{name}`, and there is no such step. Correct the name."
            yield ("example", number, "after", name), says


CHECKS: tuple[Callable[[Parts], Iterator[Wrong]], ...] = (_days, _hours, _priced, _once, _periods)
OF_EXAMPLES: tuple[Callable[[Parts], Iterator[Wrong]], ...] = (_some_example, _days_of_examples, _shown)
