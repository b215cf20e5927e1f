"""Which step do these terms of a visit describe?

A step takes the seconds that the step before it left and leaves its own, in a column of its own, with the sentence that tells it.
"""

from collections.abc import Sequence

from calltime_server.payment import steps_clock, steps_length
from calltime_server.payment.step import Step
from calltime_server.payment.terms_steps import (
    Band,
    CapAtPlanned,
    CountFrom,
    DoubleHanded,
    Minimum,
    Rounding,
    Tolerance,
    TrimToWindow,
    VisitStep,
    Waiting,
    WholeMinutes,
)


def visit_steps(terms: Sequence[VisitStep], *, first: str) -> tuple[Step, ...]:
    """All of them in order, from the column `first`."""
    steps: list[Step] = []
    for each in terms:
        steps.append(step_for(each, before=steps[-1].column if steps else first))
    return tuple(steps)


def step_for(terms: VisitStep, *, before: str) -> Step:
    """The step that these terms describe, from the column `before`."""
    match terms:
        case CountFrom():
            return steps_clock.count_from(terms, before=before)
        case TrimToWindow():
            return steps_clock.trim_to_window(terms, before=before)
        case DoubleHanded():
            return steps_clock.double_handed(terms, before=before)
        case Waiting():
            return steps_clock.waiting(terms, before=before)
        case WholeMinutes():
            return steps_length.whole_minutes(terms, before=before)
        case Rounding(of="each_end"):
            return steps_clock.round_each_end(terms)
        case Rounding():
            return steps_length.round_length(terms, before=before)
        case Tolerance():
            return steps_length.tolerance(terms, before=before)
        case Minimum():
            return steps_length.minimum(terms, before=before)
        case Band():
            return steps_length.band(terms, before=before)
        case CapAtPlanned():
            return steps_length.cap_at_planned(terms, before=before)
