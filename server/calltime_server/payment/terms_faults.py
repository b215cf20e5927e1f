"""In which words is told what has not the shape of terms?"""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from calltime_server.payment.toml_lines import Key


def wrong_shape(error: ValidationError) -> Iterator[tuple[Key, str]]:
    """Where it stands and what is wrong with it, for each fault that pydantic found."""
    for each in error.errors(include_url=False):
        key: Key = each["loc"]
        if key[0] == "step" and len(key) > 2:
            key = (*key[:2], *key[3:])  # between the number and the key stands which step it was read as
        yield (*key, "step") if each["type"] == "union_tag_invalid" else key, _says(key, each)


def _says(key: Key, error: ErrorDetails) -> str:
    known = error.get("ctx", {})
    named, place = _named(key, error), "" if isinstance(error["input"], dict) else _place(key[:-1])
    match error["type"]:
        case "missing":
            return f"`{key[-1]}` is missing{_place(key[:-1])}. Add it, as the contract has it."
        case "extra_forbidden":
            return f"`{key[-1]}` is not known{_place(key[:-1])}. Correct its spelling or remove it."
        case "union_tag_invalid":
            return f"The step `{known['tag']}` is not known. Known steps are {known['expected_tags']}. Use one of them."
        case "union_tag_not_found":
            return f'[[step]] {int(key[1]) + 1} does not say which step it is. Add a line like: step = "whole_minutes".'
        case "date_type" | "date_from_datetime_parsing":
            return f"{named}{place}: a day is needed, written without quotes, as in 2026-07-06, but it is {error['input']!r}. Correct it."
        case "int_type":
            return f"{named}{place}: a whole number is needed, written without quotes, as in 15, but it is {error['input']!r}. Correct it."
        case "too_short" if isinstance(error["input"], list | tuple) and error["input"]:
            return f"{named}{place}: none of what stands there is known; see the line's other fault."
        case "value_error":
            return f"{named}{place}: {known['error']}."
        case _:
            shown = repr(error["input"])
            shown = shown if len(shown) <= 40 else shown[:40] + "…"
            return f"{named}{place}: {error['msg'][0].lower()}{error['msg'][1:]}, but it is {shown}. Correct it."


def _named(key: Key, error: ErrorDetails) -> str:
    if isinstance(error["input"], dict):
        return _place(key).removeprefix(" in ")
    return f"`{key[-1]}`" if isinstance(key[-1], str) else f"`{key[-2]}`, number {int(key[-1]) + 1},"


def _place(key: Key) -> str:
    """In [[example.visit]] 2 of [[example]] 4, from ("example", 3, "visit", 1)."""
    names: list[str] = []
    tables: list[str] = []
    for number, part in enumerate(key):
        if isinstance(part, int):
            tables.append(f"[[{'.'.join(names)}]] {part + 1}")
        else:
            names.append(part)
            if number + 1 == len(key):
                tables.append(f"[{'.'.join(names)}]")
    return f" in {' of '.join(reversed(tables))}" if tables else ""
