"""What was sent with a form? Its texts, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated

from fastapi import Depends, Request

from calltime_server.visits.wall import instants


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The fields in their order; a name may come several times."""

    fields: tuple[tuple[str, str], ...]

    def text(self, name: str) -> str:
        """The field of this name, trimmed; empty where there is none."""
        return next((value.strip() for each, value in self.fields if each == name), "")

    def all(self, name: str) -> Sequence[str]:
        """All fields of this name."""
        return [value for each, value in self.fields if each == name]

    def day(self, name: str) -> date | None:
        """The field as a day; None where it is none."""
        return read_day(self.text(name))

    def moment(self, name: str) -> datetime | None:
        """The field as an instant, of a day and a time of London's clocks; None where it is none."""
        on, _, clock = self.text(name).replace("T", " ").partition(" ")
        day = read_day(on)
        if day is None or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", clock, re.ASCII):
            return None
        fit = instants(day, time.fromisoformat(clock))
        return fit[0] if fit else None

    def of_rows(self, name: str) -> dict[str, str]:
        """Fields that are called `name.ROW`, by row, without those that were left empty."""
        start = f"{name}."
        return {each.removeprefix(start): value.strip() for each, value in self.fields if each.startswith(start) and value.strip()}


def read_day(text: str) -> date | None:
    """A day as browsers and addresses write it; None where it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


async def _read(request: Request) -> Posted:
    form = await request.form()
    # Nothing that PostgreSQL cannot keep: a text with a null in it.
    return Posted(fields=tuple((name, value.replace("\0", "")) for name, value in form.multi_items() if isinstance(value, str)))


Form = Annotated[Posted, Depends(_read)]
"""A parameter of a page that takes a form; the page itself is then a plain function."""
