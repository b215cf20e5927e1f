"""Do the worked examples of some terms come out?"""

from collections.abc import Iterator
from datetime import timedelta

import polars as pl

from calltime_server.payment.example_times import planned_span, tapped_span
from calltime_server.payment.settling import settle
from calltime_server.payment.terms import Terms
from calltime_server.visits.columns import PLAN, TAPS


def wrong_examples(terms: Terms) -> tuple[tuple[int, str], ...]:
    """The number of each example that comes to something else, from 0, with what was expected and what came, step by step."""
    lines = settle(plan=_plan(terms), taps=_taps(terms), terms=terms).lines
    came = {row["visit_id"]: row for row in lines.iter_rows(named=True)}
    return tuple(_differences(terms, came))


def _differences(terms: Terms, came: dict[str, dict[str, object]]) -> Iterator[tuple[int, str]]:
    for number, example in enumerate(terms.examples):
        row = came[str(number)]
        if (row["outcome"], row["paid_minutes"], row["pence"]) != ("pay", example.paid_minutes, example.pence):
            expected = f"The example “{example.name}” says {example.paid_minutes} min and {example.pence} pence"
            got = f"these terms come to {row['paid_minutes']} min and {row['pence']} pence: {row['explanation']}"
            yield number, f"{expected}, but {got} Correct the example, or the terms."


def _plan(terms: Terms) -> pl.DataFrame:
    """Each example has a service user of its own, so that none can take the other's taps."""
    rows = []
    for number, example in enumerate(terms.examples):
        start, end = planned_span(example.visits[0].planned)
        lasts = (end - start) // timedelta(minutes=1)
        rows.append((str(number), str(number), "example", "example", "example", start, lasts, 1))
    return pl.DataFrame(rows, schema=PLAN, orient="row")


def _taps(terms: Terms) -> pl.DataFrame:
    rows = []
    for number, example in enumerate(terms.examples):
        span = tapped_span(example.visits[0].taps[0], planned=planned_span(example.visits[0].planned))
        for seq, (action, at) in enumerate(zip(("start", "stop"), span, strict=True), start=1):
            rows.append((f"example-{number + 1}", seq, at, action, "carer", str(number), 2, None, None))
    return pl.DataFrame(rows, schema=TAPS, orient="row")
