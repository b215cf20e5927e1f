"""How does a frame become an answer, and what may be asked of one?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import Query, Request
from fastapi.responses import Response

from calltime_server.visits.written import as_csv, written_time

CSV = "text/csv; charset=utf-8"
ALSO_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""For `responses` of an operation that also answers in CSV."""

Format = Annotated[
    Literal["json", "csv"] | None,
    Query(description="json or csv. Without it, csv is answered to `Accept: text/csv`, and json to everybody else."),
]


def wants_csv(request: Request, format: Literal["json", "csv"] | None) -> bool:  # noqa: A002
    """Whether the answer is to be CSV: by the parameter, else by the header Accept."""
    if format is not None:
        return format == "csv"
    kinds = [each.partition(";")[0].strip().lower() for each in request.headers.get("Accept", "").split(",")]
    return "text/csv" in kinds and "application/json" not in kinds


def as_file(frame: pl.DataFrame, name: str) -> Response:
    """A frame as a CSV file of this name."""
    return Response(as_csv(frame), media_type=CSV, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def plain(value: object) -> object:
    return written_time(value) if isinstance(value, datetime) else value
