"""Which steps can a contract's calculation have, what does each do, and what does it need to be told?

Taken from the values themselves, so that it cannot say anything else than what the loader takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import BaseModel

from calltime_server.payment.ruling import Ruling
from calltime_server.payment.terms_steps import PERIOD_STEPS, PeriodStep, VisitStep

OF_EVERY_STEP = {"step", *Ruling.model_fields}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing that a step is told. `takes` is in words; `sample` is a value that it takes, as TOML."""

    name: str
    takes: str
    sample: str
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A step of the catalogue. `works_on` is each visit by itself, or all visits of a period together."""

    name: str
    works_on: Literal["visit", "period"]
    does: str
    parameters: tuple[Parameter, ...]


def catalogue() -> tuple[StepKind, ...]:
    """All steps, in the order in which they make sense."""
    return tuple(_kind(step) for step in (*get_args(VisitStep), *get_args(PeriodStep)))


def does(of: type[BaseModel]) -> str:
    """What its docstring says, in one line."""
    return " ".join((of.__doc__ or "").split())


def parameters(of: type[BaseModel]) -> tuple[Parameter, ...]:
    """What it must or may be told, beside its sentence and its clause."""
    schema = of.model_json_schema()
    needed = schema.get("required", [])
    return tuple(_parameter(name, shape, name in needed) for name, shape in schema["properties"].items() if name not in OF_EVERY_STEP)


def _kind(step: type[Ruling]) -> StepKind:
    [name] = get_args(step.model_fields["step"].annotation)
    works_on: Literal["visit", "period"] = "period" if issubclass(step, PERIOD_STEPS) else "visit"
    return StepKind(name=name, works_on=works_on, does=does(step), parameters=parameters(step))


def _parameter(name: str, shape: Mapping[str, Any], needed: bool) -> Parameter:
    one = _without_none(shape)
    left_out = "" if needed or shape.get("default") is None else f"; left out: {_toml(shape['default'])}"
    return Parameter(name=name, takes=_takes(name, one) + left_out, sample=_sample(name, one, shape.get("default")), needed=needed)


def _without_none(shape: Mapping[str, Any]) -> Mapping[str, Any]:
    either = [each for each in shape.get("anyOf", ()) if each.get("type") != "null"]
    return either[0] if either else shape


def _takes(name: str, shape: Mapping[str, Any]) -> str:
    match shape:
        case {"enum": values}:
            return " or ".join(_toml(value) for value in values)
        case {"type": "array", "items": items}:
            return "a list of whole numbers" if items.get("type") == "integer" else f"a list of {_takes(name, items)}"
        case {"type": "integer"}:
            return f"whole number{_limits(shape)}"
        case {"type": "boolean"}:
            return "true or false"
        case {"format": "date"}:
            return "a day without quotes"
        case _ if "pounds" in name:
            return 'pounds in quotes, as in "18.72"'
        case _:
            return "words in quotes"


def _limits(shape: Mapping[str, Any]) -> str:
    least, most = shape.get("minimum"), shape.get("maximum")
    return "" if least is None or most is None else f" from {least} to {most}"


def _sample(name: str, shape: Mapping[str, Any], default: Any) -> str:
    if default not in (None, 0, [], ()):
        return _toml(default)
    match shape:
        case {"enum": values}:
            return _toml(values[0])
        case {"type": "array", "items": {"type": "integer"}}:
            return "[15, 30, 45, 60]"
        case {"type": "array", "items": items}:
            return f"[{_sample(name, items, None)}]"
        case {"type": "integer"}:
            return str(min(max(shape.get("minimum", 1), 10), shape.get("maximum", 10)))
        case {"type": "boolean"}:
            return "false"
        case {"format": "date"}:
            return "2026-07-06"
        case _ if "pounds" in name:
            return '"20.00"'
        case _:
            return '"…"'


def _toml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(_toml(each) for each in value)}]"
        case _:
            return f'"{value}"'
