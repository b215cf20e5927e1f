"""How is a settlement told to somebody who must pay it, or live on it? As plain text: totals, then every line with its explanation."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

WIDTH = 78


def statement(lines: pl.DataFrame, *, title: str) -> str:
    """Write the statement of these ledger lines (visit_id … explanation, as `decide` gives them)."""
    parts = [title, "=" * len(title), "", *totals(lines), ""]
    for provider in lines["provider"].unique().sort():
        parts += [*_of_provider(str(provider), lines.filter(pl.col("provider") == provider)), ""]
    return "\n".join(parts)


def totals(lines: pl.DataFrame) -> Iterator[str]:
    """Write what was asked for, paid, parked and refused, a line each."""
    yield f"{'carer visits asked for':<26}{lines.height:>8,}"
    for outcome, word in (("pay", "paid"), ("park", "parked"), ("refuse", "refused")):
        yield f"{'  ' + word:<26}{lines.filter(pl.col('outcome') == outcome).height:>8,}"
    yield f"{'contact time':<26}{_hours(int(lines['contact_seconds'].sum())):>16}"
    yield f"{'commissioned time':<26}{_hours(int(lines['planned_minutes'].sum()) * 60):>16}"
    yield f"{'to pay':<26}{pounds(int(lines['pence'].sum())):>16}"


def pounds(pence: int) -> str:
    """Write pence as pounds: £1,234.56."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02}"


def _of_provider(provider: str, lines: pl.DataFrame) -> Iterator[str]:
    yield f"{provider}: {lines.height:,} carer visits, {pounds(int(lines['pence'].sum()))}"
    yield "-" * WIDTH
    for row in lines.iter_rows(named=True):
        amount = {"pay": pounds(row["pence"]), "park": "parked", "refuse": "refused"}[row["outcome"]]
        who = row["carer"] or ("nobody" if row["kind"] == "visit" else row["kind"])
        yield f"{row['visit_id']:<26} {row['service_user'] or '':<14} {who:<14} {amount:>12}"
        yield f"    {row['explanation']}"


def _hours(seconds: int) -> str:
    return f"{seconds // 3600:,} h {seconds // 60 % 60:02} min"
