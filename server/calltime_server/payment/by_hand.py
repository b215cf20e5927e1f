"""With which reasons is an end paid that was entered by hand, whichever of these days it is for?"""

from collections.abc import Iterable, Sequence
from datetime import date

from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms import Terms


def paid_reasons(terms: Sequence[Terms], days: Iterable[date]) -> frozenset[str]:
    """Codes of reasons that the terms of each of these days pay for. None where those of one day pay for no such end.

    Nor any before the first terms begin: nothing is paid of such a day.
    """
    days = set(days)
    if any(all(day < each.starts for each in terms) for day in days):
        return frozenset()
    concerned = {own.name: own for own in (in_force(terms, day) for day in days)}
    paid = [frozenset(own.entered.reasons if own.entered else ()) for own in concerned.values()]
    return frozenset.intersection(*paid) if paid else frozenset()
