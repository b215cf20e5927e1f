"""Which lines does a period have beside its visits: retainers, budgets paid in full, blocks, and what moved in the banks?"""

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.lines import LINES
from calltime_server.payment.period.bank_lines import bank_lines, told_bank
from calltime_server.payment.period.block_lines import block_lines, told_block
from calltime_server.payment.period.budget_lines import budget_lines, told_budget_line
from calltime_server.payment.period.days import Days, days_of
from calltime_server.payment.period.retainers import retainer_lines, told_retainer
from calltime_server.payment.terms import Terms
from calltime_server.visits.told import Told


def lines_beside(frame: pl.DataFrame, terms: Terms, told: Told, agreed: Agreed, days: Days | None = None) -> pl.DataFrame:
    """Frame: decided visits, after the price and the budget → LINES, sorted by kind and id.

    Lines of a block have `seconds_in_block` as well: what was used of it. Shares, payee and charge are null: they are worked out for all
    lines together. Without `days` they are those of the visits.
    """
    days = days or days_of(frame)
    if days is None or not terms.period_steps:
        return LINES.to_frame()
    made = [
        retainer_lines(frame, terms, told, agreed, days),
        budget_lines(frame, terms, agreed, days),
        block_lines(frame, terms, agreed, days),
        bank_lines(frame, terms, agreed),
    ]
    return pl.concat(made, how="diagonal", rechunk=True).sort("kind", "visit_id")


def told_beside(terms: Terms) -> pl.Expr:
    """The explanation of lines that are no visits; null for a visit's."""
    return pl.coalesce(told_retainer(terms), told_budget_line(terms), told_block(terms), told_bank(terms))
