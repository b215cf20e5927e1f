"""What is a cell of a table? Tables have more of them than anything else has parts, so they are made here and not by a macro."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape


class Cell:
    """Called by templates as `parts.td(label, value)` or with a body; everything that is not Markup already is escaped."""

    __slots__ = ("_begin", "_end")

    def __init__(self, begin: str, end: str) -> None:
        self._begin, self._end = begin, end

    def __call__(
        self, label: str, value: object = "", numeric: bool = False, long: bool = False, caller: Callable[[], Markup] | None = None
    ) -> Markup:
        """`label` is the heading above it, which stands beside it on a phone."""
        classes = (" govuk-table__cell--numeric" if numeric else "") + (" office-long" if long else "")
        inside = caller() if caller else value
        return Markup(f'{self._begin}{classes}" data-label="{escape(label)}"><span>{escape(inside)}</span>{self._end}\n')  # noqa: S704


ROW_HEADER = Cell('<th role="rowheader" scope="row" class="govuk-table__header', "</th>")
DATA = Cell('<td role="cell" class="govuk-table__cell', "</td>")
