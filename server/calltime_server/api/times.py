"""How is a time told to programs? In one spelling everywhere, which lists, files and messages share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias

from pydantic import PlainSerializer, WithJsonSchema

from calltime_server.visits.written import written_time

_DESCRIBED = WithJsonSchema(
    {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$"}, mode="serialization"
)

Time: TypeAlias = Annotated[datetime, PlainSerializer(written_time, when_used="json"), _DESCRIBED]
"""A time in an answer: in UTC with a Z, thousandths of a second only where there are any, and nothing finer."""

WrittenTime: TypeAlias = Annotated[str, _DESCRIBED]
"""The same where a frame's times were written all at once, as by `visits.written.as_records`."""
