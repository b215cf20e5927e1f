"""What does each step of a period do to the seconds that the steps before it left?

Such a step looks at all visits of a package, a provider or a carer together. The frame has one row for each planned carer visit, sorted by
IN_ORDER, with 0 in the column before where the visit is not payable.
"""

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.period.bank import bank
from calltime_server.payment.period.block import block_hours
from calltime_server.payment.period.ceiling import weekly_ceiling
from calltime_server.payment.period.period_step import PeriodStep
from calltime_server.payment.period.pooled import agreed_hours, contingency_hours, percent_of_planned
from calltime_server.payment.period.pools import IN_ORDER
from calltime_server.payment.period.units import complete_units
from calltime_server.payment.terms import Period
from calltime_server.payment.terms_steps import (
    AgreedHours,
    Bank,
    BlockHours,
    CompleteUnits,
    ContingencyHours,
    PercentOfPlanned,
    WeeklyCeiling,
)
from calltime_server.payment.terms_steps import PeriodStep as StepTerms

__all__ = ["IN_ORDER", "PeriodStep", "period_step"]


def period_step(
    terms: StepTerms, *, before: str, parked: tuple[str, ...] = (), agreed: Agreed | None = None, period: Period | None = None
) -> PeriodStep:
    """The step that these terms describe, from the column `before`. `parked` are the parked columns of the period's steps before it.

    A budget and a retainer are no columns of seconds: they are worked out after the price.
    """
    agreed = agreed or Agreed()
    match terms:
        case CompleteUnits():
            return complete_units(terms, before=before)
        case AgreedHours():
            return agreed_hours(terms, before=before)
        case ContingencyHours():
            return contingency_hours(terms, before=before)
        case PercentOfPlanned():
            return percent_of_planned(terms, before=before)
        case Bank():
            return bank(terms, before=before, parked=parked, agreed=agreed, period=period)
        case WeeklyCeiling():
            return weekly_ceiling(terms, before=before)
        case BlockHours():
            return block_hours(terms, before=before, blocks=agreed.blocks)
        case _:
            raise ValueError(f"{terms.step} is no step of seconds")
