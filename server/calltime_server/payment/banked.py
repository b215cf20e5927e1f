"""What is left in the banks after some periods: what was saved, less what was drawn and what has expired?"""

from datetime import date

import polars as pl

from calltime_server.payment.agreed import BANKED
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import Bank

# What was saved in a period for the bank of a package, or (below nothing) was drawn from it or expired: a row for each.
FLOWS = pl.Schema({"package": pl.String(), "period": pl.Date(), "minutes": pl.Int64()})


def banked_after(flows: pl.DataFrame, *, terms: Terms, before: pl.DataFrame | None = None) -> pl.DataFrame:
    """Frame: FLOWS, what stood there `before` (BANKED) → BANKED. What was saved first is drawn or expires first.

    There are two rows at most for each package and period, so a loop over them costs nothing.
    """
    if not any(isinstance(step, Bank) for step in terms.period_steps):
        return BANKED.to_frame()
    lots: dict[str, list[tuple[date, int]]] = {}
    if before is not None:
        for package, saved_in, minutes in before.sort("package", "saved_in").iter_rows():
            lots.setdefault(package, []).append((saved_in, minutes))
    for package, period, minutes in flows.sort("package", "period", "minutes").iter_rows():
        own = lots.setdefault(package, [])
        if minutes > 0:
            own.append((period, minutes))
        else:
            lots[package] = _drawn(own, -minutes)
    rows = [(package, saved_in, minutes) for package, own in sorted(lots.items()) for saved_in, minutes in own]
    return pl.DataFrame(rows, schema=BANKED, orient="row")


def _drawn(lots: list[tuple[date, int]], minutes: int) -> list[tuple[date, int]]:
    left = []
    for saved_in, saved in lots:
        taken = min(saved, minutes)
        minutes -= taken
        if saved > taken:
            left.append((saved_in, saved - taken))
    return left
