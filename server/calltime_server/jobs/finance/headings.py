"""Which heading stands over which field? A council says so where a system's columns are not public."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from calltime_server.faults import Fault

# Heading → the name of a field, or "=" and a text that stands in every row.
Headings = Mapping[str, str]
CONSTANT = "="


def laid_out(rows: pl.DataFrame, headings: Headings) -> pl.DataFrame:
    """The fields under their headings, in the order of the headings."""
    return rows.select(_column(field).alias(heading) for heading, field in headings.items())


def unknown_fields(headings: Headings, known: Iterable[str], *, table: str) -> list[Fault]:
    """A fault for each heading whose field there is not."""
    fields = tuple(known)
    return [
        Fault(
            line=None,
            column=f"{table}.{heading}",
            says=f'There is no field “{field}”. The fields are {", ".join(fields)}. A fixed text begins with an equals sign: "=H1".',
        )
        for heading, field in headings.items()
        if field not in fields and not field.startswith(CONSTANT)
    ]


def _column(field: str) -> pl.Expr:
    return pl.lit(field.removeprefix(CONSTANT)) if field.startswith(CONSTANT) else pl.col(field)
