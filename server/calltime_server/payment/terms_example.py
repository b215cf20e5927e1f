"""How is a worked example written into a contract file?

The short form is one planned visit and one carer's taps. The long form has `[[example.visit]]`, each with what happened, repeated where a
period is made of many alike; and what was agreed for the package. All of an example is one service user and one package.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calltime_server.payment.example_times import planned_span, tapped_span
from calltime_server.payment.ruling import Pounds, Words
from calltime_server.visits.told import ABSENT, REPORTED


def _is_span(text: str) -> str:
    planned_span(text)
    return text


def _is_taps(text: str) -> str:
    tapped_span(text, planned=None)
    return text


Span = Annotated[str, AfterValidator(_is_span)]  # 2026-04-07 08:00-08:30
Taps = Annotated[str, AfterValidator(_is_taps)]  # 08:04:10 08:31:55


class Written(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ExampleVisit(Written):
    """A planned visit, and what happened: `taps` has a start and a stop for each carer who came (none: nobody came).

    `times` so many visits like this one, each `every_minutes` after the one before. `told` what was reported of it, `told_at` when.
    `entered`: the taps were entered by hand, for this reason.
    """

    planned: Span
    taps: Annotated[tuple[Taps, ...], Field(strict=False)] = ()
    carers: int = Field(default=1, ge=1, le=9)
    times: int = Field(default=1, ge=1, le=1000)
    every_minutes: int = Field(default=1440, ge=15, le=40320)
    service: str | None = None
    waiting_minutes: int = Field(default=0, ge=0, le=240)  # before the first tap
    told: Literal[REPORTED] | None = None  # type: ignore[valid-type]
    told_at: Span | None = None  # any span that begins at that time
    entered: str | None = None


class ExampleAbsence(Written):
    """From the beginning of `since` to the beginning of `until` (None: it lasts), both written as a span that begins then."""

    kind: Literal[ABSENT]  # type: ignore[valid-type]
    since: Span
    until: Span | None = None


class ExamplePackage(Written):
    """What was agreed for the package of this example."""

    agreed_minutes: int | None = None
    contingency_minutes: int = 0
    budget: Pounds | None = None
    outcome: Literal["met", "not_met"] | None = None
    exceptional: bool = False
    health_percent: int | None = Field(default=None, ge=0, le=10_000)  # hundredths of a per cent
    fund_holder: str | None = None
    banked_minutes: int = 0  # from the period before


class ExampleBlock(Written):
    minutes_per_week: int = Field(ge=1)


class Example(Written):
    """What must come out of the whole example; what is None is not looked at. The terms are refused when it does not.

    `pence` is of all lines together, `paid_minutes` and `parked_minutes` as well. `after` is the length in seconds after a step, by its
    name, of a single visit. `kinds` are the pence of lines that are not visits (retainer, budget, block).
    """

    name: Words
    planned: Span | None = None
    taps: Taps | None = None
    visit: Annotated[tuple[ExampleVisit, ...], Field(strict=False)] = ()
    absence: Annotated[tuple[ExampleAbsence, ...], Field(strict=False)] = ()
    package: ExamplePackage | None = None
    block: ExampleBlock | None = None
    provider: str = "example"
    zone: str = "example"
    service: str = "example"
    settled_on: date | None = None  # what is known by then; None: all of it
    paid_minutes: int = Field(ge=0)
    pence: int
    parked_minutes: int | None = Field(default=None, ge=0)
    council_pence: int | None = None
    health_pence: int | None = None
    charge_pence: int | None = None
    bank_minutes: int | None = None  # what stands in the bank at the end
    outcome: Literal["pay", "park", "refuse"] | None = None  # of a single visit
    payee: str | None = None
    after: dict[str, int] = Field(default_factory=dict)
    kinds: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        short = self.planned is not None and self.taps is not None
        if short == bool(self.visit) or (self.planned is None) != (self.taps is None):
            raise ValueError("it needs either planned and taps, or [[example.visit]] tables")
        return self

    @property
    def visits(self) -> tuple[ExampleVisit, ...]:
        """In the long form, whichever was written."""
        if self.planned is None or self.taps is None:
            return self.visit
        return (ExampleVisit(planned=self.planned, taps=(self.taps,)),)
