"""How does a long list come, a part at a time? Each part ends with the address of the next, and no row is given twice or left out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.problem_json import Problem

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items a part of the list has at most.")]
Cursor = Annotated[str, Query(max_length=2000, description="Where the part begins; take it from `next`, never make one.")]

T = TypeVar("T")


class Listed(BaseModel, Generic[T]):
    """One part of a list."""

    model_config = ConfigDict(frozen=True)

    items: list[T]
    next: str | None = Field(default=None, description="The address of the next part, with the same filters; null: this was the last.")


def read_cursor(request: Request, cursor: str, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key behind which a part begins: values of these kinds (str, int, date, datetime). None: the list begins.

    Raises Problem for a cursor of another list, of other filters, or of nobody's making.
    """
    if not cursor:
        return None
    try:
        mark, *values = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=="))
        if mark != _mark(request) or len(values) != len(kinds):
            raise ValueError(mark)  # noqa: TRY301 # it is told like all else that is no cursor of ours
        return tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        says = (
            "This cursor is not one of this list with these filters. Take the whole address in `next`, or leave cursor out to begin anew."
        )
        raise Problem(HTTPStatus.BAD_REQUEST, says) from error


def listed(request: Request, items: Sequence[T], *, limit: int, key: Callable[[T], tuple[Any, ...]]) -> Listed[T]:
    """One part of a list.

    `items` are up to `limit` + 1 (the one more tells that there is more), in order of their `key`, which no two of them share.
    """
    if len(items) <= limit:
        return Listed(items=list(items))
    shown = list(items[:limit])
    address = next_address(request, key(shown[-1]))
    return Listed(items=shown, next=address)


def next_address(request: Request, key: tuple[Any, ...]) -> str:
    """The address of the part behind the item with this sort key; it is told in the header Link, too."""
    written = json.dumps([_mark(request), *(_written(value) for value in key)], separators=(",", ":"))
    cursor = base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    address = f"{request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"
    request.state.next = address
    return address


def _mark(request: Request) -> str:
    """What tells this list with these filters from others."""
    filters = sorted((name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "limit"))
    return hashlib.sha256(repr((request.url.path, filters)).encode()).hexdigest()[:16]


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date, too


def _read(value: object, kind: type) -> object:
    if issubclass(kind, datetime | date) and isinstance(value, str):
        read = kind.fromisoformat(value)
        if isinstance(read, datetime) and read.tzinfo is None:
            raise ValueError(value)
        return read
    if type(value) is not kind or (isinstance(value, str) and "\0" in value) or (isinstance(value, int) and abs(value) >= 2**63):
        raise ValueError(value)
    return value
