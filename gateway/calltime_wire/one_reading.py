"""Can this JSON be read in only one way? What two libraries could read differently is no evidence."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def decode(text: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Read JSON of the decoder's shape in which no field stands twice. Raises ValueError that says what is wrong, and nothing else."""
    try:
        value = decoder.decode(text)
        # What is written just as we would write it needs no second look. It is most of what comes, and the second look costs more.
        if msgspec.json.encode(value) != text:
            json.loads(text, object_pairs_hook=_each_once)
    except RecursionError:
        # A few kilobytes of brackets are enough for it, and anybody can send them.
        raise ValueError("It is nested deeper than any message of this contract") from None
    return value


def _each_once(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    once = dict(fields)
    if len(once) < len(fields):
        raise ValueError("A field stands twice in the same object: some would read the first, some the last")
    return once
