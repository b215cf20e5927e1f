"""Why can a line not be paid at all, whatever its length?

The first reason that holds is the line's. What is refused, nobody will pay; what is parked waits for something that may still come.
"""

import polars as pl

from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_steps import AgreedHours, Bank, Budget, DoubleHanded, PercentOfPlanned
from calltime_server.visits.columns import DELIVERED
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND

UNMADE = ("no_access", "declined_at_door", "cancelled_in_notice", "cancelled_short_notice", "cancelled_by_council")
DELIVERY = pl.col("delivery")
CAME = DELIVERY.is_in(DELIVERED)


def gate(terms: Terms) -> pl.Expr:
    """The reason (string), null where the line goes on to be counted.

    Frame: VISITS, `day`, `entered_well` (each end that was entered by hand has a reason that the terms pay for) and the package's columns.
    """
    unpaid = [why for why in UNMADE if why not in paid_unmade(terms)]
    reasons: list[tuple[str, pl.Expr]] = [
        ("missed", DELIVERY == "missed"),  # whatever the terms: what nobody did, nobody pays
        ("no_terms_in_force", ~in_force(terms, pl.col("day"))),
        *((why, DELIVERY.eq(why)) for why in unpaid),
        ("absent", DELIVERY == "absent"),
        ("tapped_while_absent", CAME & pl.col("absence").is_not_null() & (pl.col("stopped_at") <= pl.col("planned_start"))),
        ("no_stop", DELIVERY == "no_stop"),
        ("no_start", DELIVERY == "no_start"),
        ("entered_reason", CAME & ~pl.col("entered_well")),
    ]
    if terms.grade is not None:
        reasons.append(("low_grade", CAME & (_weakest_tap() < terms.grade.at_least)))
    if any(isinstance(step, DoubleHanded) and step.pays == "together" for step in terms.visit_steps):
        reasons.append(("one_carer_short", CAME & (pl.col("carers") > 1) & pl.col("together_seconds").is_null()))
    reasons += [("two_packages", pl.col("two_packages")), ("no_package", pl.col("package").is_null() & _needs_package(terms))]
    return pl.coalesce(pl.when(holds).then(pl.lit(reason)) for reason, holds in reasons)


def refused(terms: Terms) -> tuple[str, ...]:
    """The reasons for which a line is refused; for all others it is parked."""
    return ("missed", *UNMADE, *(("absent",) if terms.absence else ()))


def paid_unmade(terms: Terms) -> tuple[str, ...]:
    """Why a visit may not have been made and is paid all the same, in part or whole."""
    return tuple(rule.why for rule in terms.not_made if rule.percent)


def by_hand(end: str) -> pl.Expr:
    """Whether this end (start, stop) was entered by hand."""
    return (pl.col(f"{end}_device") == ENTERED_BY_HAND).fill_null(value=False)


def brought(end: str) -> pl.Expr:
    """Whether this end was brought by another system."""
    return (pl.col(f"{end}_device") == BROUGHT_DEVICE).fill_null(value=False)


def unseen(end: str) -> pl.Expr:
    """Whether no door saw this end."""
    return by_hand(end) | brought(end)


def in_force(terms: Terms, day: pl.Expr) -> pl.Expr:
    """Whether these terms hold on that day."""
    begun = day >= pl.lit(terms.starts)
    return begun if terms.ends is None else begun & (day <= pl.lit(terms.ends))


def _weakest_tap() -> pl.Expr:
    return pl.min_horizontal(pl.when(~by_hand(end)).then(f"{end}_grade") for end in ("start", "stop"))


def _needs_package(terms: Terms) -> pl.Expr:
    if any(isinstance(step, AgreedHours | PercentOfPlanned | Bank) for step in terms.period_steps):
        return pl.lit(value=True)
    services = [name for step in terms.period_steps if isinstance(step, Budget) for name in step.services]
    return pl.col("service").is_in(services) if services else pl.lit(value=False)
