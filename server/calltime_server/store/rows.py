"""How does a row become a value? Its columns are the fields of a dataclass, in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import Field
from typing import Any, ClassVar, Protocol, TypeVar


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


Value = TypeVar("Value", bound=_Dataclass)


def as_value(shape: type[Value], row: Sequence[Any]) -> Value:
    """One row. Another number of columns than of fields is a mistake in the query, and raises ValueError."""
    return shape(**dict(zip(shape.__dataclass_fields__, row, strict=True)))


def as_values(shape: type[Value], rows: Iterable[Sequence[Any]]) -> tuple[Value, ...]:
    """All of them."""
    return tuple(as_value(shape, row) for row in rows)
