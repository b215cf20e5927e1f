"""Which steps does a contract's calculation have, and what does each of them need to be told?

The first kind works on each visit, the second on all visits of a period together. Source of the catalogue: the design of payment, and the
councils' papers that each contract file names.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from calltime_server.payment.ruling import Percent, Pounds, Ruling, pence_of

Increment = Literal[1, 5, 6, 10, 15, 20, 30, 60]
Beyond = Literal["park", "refuse", "report"]


class CountFrom(Ruling):
    """Where counting begins and ends: at the tap, or not before the planned start and not after the planned end."""

    step: Literal["count_from"]
    early: Literal["tap", "planned_start"] = "tap"
    late: Literal["tap", "planned_end"] = "tap"


class TrimToWindow(Ruling):
    """Only what lies from so long before the planned start to so long after the planned end."""

    step: Literal["trim_to_window"]
    minutes_before: int = Field(ge=0, le=1440)
    minutes_after: int = Field(ge=0, le=1440)


class DoubleHanded(Ruling):
    """Where several carers are asked for at once: each for her own time, or each for the time in which all were there."""

    step: Literal["double_handed"]
    pays: Literal["each_carer", "together"]


class Waiting(Ruling):
    """Waiting at the door is paid as well, up to so many minutes a visit."""

    step: Literal["waiting"]
    at_most_minutes: int = Field(ge=1, le=240)


class WholeMinutes(Ruling):
    """Seconds that do not fill a minute are dropped."""

    step: Literal["whole_minutes"]


class Rounding(Ruling):
    """To multiples of so many minutes. Threshold: up from so many minutes over a multiple, else down. Each end: the two wall times are
    rounded by themselves, and the time between them counts.
    """

    step: Literal["round"]
    minutes: Increment
    how: Literal["nearest", "up", "down", "threshold"]
    threshold_minutes: int | None = Field(default=None, ge=1, le=59)
    of: Literal["length", "each_end"] = "length"

    @model_validator(mode="after")
    def _threshold_where_it_is_meant(self) -> Self:
        if (self.how == "threshold") != (self.threshold_minutes is not None):
            raise ValueError('threshold_minutes belongs to how = "threshold", and to nothing else')
        if self.threshold_minutes is not None and self.threshold_minutes >= self.minutes:
            raise ValueError(f"a threshold of {self.threshold_minutes} is never reached within {self.minutes} minutes")
        return self


class Tolerance(Ruling):
    """No further from the plan than this: paid as planned. With both, the larger of the two counts."""

    step: Literal["tolerance"]
    minutes: int = Field(default=0, ge=0, le=240)
    percent: Percent = 0
    of: Literal["both", "short", "over"] = "both"

    @model_validator(mode="after")
    def _one_at_least(self) -> Self:
        if not self.minutes and not self.percent:
            raise ValueError("it names neither minutes nor percent, so nothing is tolerated")
        return self


class Minimum(Ruling):
    """A visit that lasted at least `from_minutes` counts as no less than so many minutes."""

    step: Literal["minimum"]
    minutes: int = Field(ge=1, le=1440)
    from_minutes: int = Field(default=1, ge=0, le=1440)


class Band(Ruling):
    """To one of these lengths. Remainder kept: the longest band that is not longer, and what is over it, to the minute."""

    step: Literal["band"]
    minutes: Annotated[tuple[int, ...], Field(strict=False, min_length=1, max_length=24)]
    how: Literal["up", "down", "nearest", "longest_and_remainder"]

    @model_validator(mode="after")
    def _ascending(self) -> Self:
        if list(self.minutes) != sorted(set(self.minutes)) or self.minutes[0] < 1:
            raise ValueError("the bands must be minutes above nothing, each longer than the one before")
        return self


class CapAtPlanned(Ruling):
    """No more than was planned for one carer, and so much over it."""

    step: Literal["cap_at_planned"]
    plus_percent: Percent = 0
    plus_minutes: int = Field(default=0, ge=0, le=1440)


VisitStep = CountFrom | TrimToWindow | DoubleHanded | Waiting | WholeMinutes | Rounding | Tolerance | Minimum | Band | CapAtPlanned


class CompleteUnits(Ruling):
    """Only complete units, and what is left over of a carer's visits of one service to one service user rolls over within the period."""

    step: Literal["complete_units"]
    minutes: int = Field(ge=5, le=60)
    rolls_over: bool = True


class AgreedHours(Ruling):
    """Within the minutes that the package agreed for the period, however they are spread over it; what is above is parked."""

    step: Literal["agreed_hours"]


class ContingencyHours(Ruling):
    """What is above the agreed hours, as far as the package's contingency minutes are authorised. After `agreed_hours`."""

    step: Literal["contingency_hours"]


class PercentOfPlanned(Ruling):
    """Within what was planned for the package in the period, and so many per cent more; what is above is parked."""

    step: Literal["percent_of_planned"]
    percent: Percent


class Bank(Ruling):
    """Planned time that was not delivered goes to the bank of the package, up to a limit, and pays later for what is above the plan.

    It expires after so many periods. After a step that parks what is above.
    """

    step: Literal["bank"]
    limit_minutes: int = Field(ge=1, le=100_000)
    expires_after_periods: int = Field(ge=1, le=104)


class WeeklyCeiling(Ruling):
    """No more than so many minutes a week for one provider (of this list; empty: each); what is above is parked, refused or only told."""

    step: Literal["weekly_ceiling"]
    minutes: int = Field(ge=1, le=10_000_000)
    providers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    beyond: Beyond = "park"


class Budget(Ruling):
    """A personal budget for up to so many weeks: paid whole if the outcomes were met, whatever time was used; if not, only the visits.

    More than the budget is not paid unless the council has agreed that the case is exceptional. Works on pence, after the price.
    """

    step: Literal["budget"]
    services: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    weeks: int = Field(ge=1, le=52)


class Retainer(Ruling):
    """Planned visits of a service user who is away are paid at so many per cent, up to so many weeks.

    Taken back when the service does not start again within as many weeks.
    """

    step: Literal["retainer"]
    absences: Annotated[tuple[Literal["hospital", "respite", "away"], ...], Field(strict=False, min_length=1)]
    weeks: int = Field(ge=1, le=26)
    percent: Percent


class BlockHours(Ruling):
    """Hours bought as a block are paid whatever was used; visits in a block cost nothing by themselves, up to its hours."""

    step: Literal["block_hours"]
    pounds_per_hour: Pounds

    @property
    def per_hour(self) -> int:
        """The rate in hundredths of a penny an hour."""
        return pence_of(self.pounds_per_hour)


PeriodStep = CompleteUnits | AgreedHours | ContingencyHours | PercentOfPlanned | Bank | WeeklyCeiling | Budget | Retainer | BlockHours
StepTerms = Annotated[VisitStep | PeriodStep, Field(discriminator="step")]
PERIOD_STEPS = (CompleteUnits, AgreedHours, ContingencyHours, PercentOfPlanned, Bank, WeeklyCeiling, Budget, Retainer, BlockHours)
