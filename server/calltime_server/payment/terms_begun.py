"""With which file does a council begin its own terms?

It can be used as it stands: whole minutes, no more than planned, one price. All else that terms can say stands in it as a comment, taken
from the values that the loader takes. Take the first `# ` away from the lines of a table to make it count.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pydantic import BaseModel

from calltime_server.payment.catalogue import Parameter, StepKind, catalogue, does, parameters
from calltime_server.payment.terms import Absence, Charge, Entered, Grade, KnownCliff, NotMade, Period, Shares
from calltime_server.payment.terms_price import Rate, SpecialDays

USED = ("whole_minutes", "cap_at_planned")
MAY_STAND: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[period]", Period),
    ("[[not_made]]", NotMade),
    ("[absence]", Absence),
    ("[entered]", Entered),
    ("[grade]", Grade),
    ("[[share]]", Shares),
    ("[[charge]]", Charge),
    ("[[known_cliff]]", KnownCliff),
)
PRICES: tuple[tuple[str, type[BaseModel]], ...] = (("[[price.rate]]", Rate), ("[price.special_days]", SpecialDays))

BEGIN = """\
# {council}: home care, paid by contact time. Read from top to bottom, it is the calculation.
# Replace every sentence by the contract's own, every clause by the place where it stands, and every number by what it says there.
# A change is a new file with a later start, never an edit of this one. Check it with: calltime-server terms check FILE

council = "{council}"
title = "Home care in your own home: payment by contact time"
starts = {starts}
approved_by = ["Head of Commissioning", "Head of Finance"]  # two different people, by their roles

[pairing]
says = "A contact begins with the carer's first tap and ends with the tap that follows it."
clause = "to be named"
debounce_seconds = 60  # a tap of the same kind so soon after another is a slip of the hand
longest_hours = 16  # a contact that lasts longer has lost its stop

[matching]
says = "A contact belongs to the planned visit that starts nearest to it, no more than two hours before or after."
clause = "to be named"
window_minutes = 120
tolerance_minutes = 5  # a visit that is further from its plan is told as short or over
notice_hours = 24  # told so long before, a visit is cancelled in notice
"""
MISSED = """\
[missed]
says = "A visit that was not made is not paid."
clause = "to be named"
"""
PRICE = """\
[price]
says = "The price of one hour of care by one carer, in proportion for part of an hour."
clause = "to be named"
pounds_per_hour = "20.00"
"""
EXAMPLES = """\
# Worked examples, in London time. If one of them does not come out, these terms are not used. An hour costs £20.00.

# 08:04:10 to 08:31:55 is 27 min 45 s; 45 s are dropped; 27 min is under 30 min. 27 min × £20 ÷ 60 = £9.00.
[[example]]
name = "a short visit is paid for the minutes that were given"
planned = "{day} 08:00-08:30"
taps = "08:04:10 08:31:55"
paid_minutes = 27
pence = 900

# 07:58:00 to 08:41:30 is 43 min 30 s; 43 min is over 30 min, so 30 min. 30 min × £20 ÷ 60 = £10.00.
[[example]]
name = "a long visit is paid as planned"
planned = "{day} 08:00-08:30"
taps = "07:58:00 08:41:30"
paid_minutes = 30
pence = 1000

# An example may have several visits, what was agreed for them, and be looked at after a step. With agreed hours it needs its package.
# [[example]]
# name = "twenty visits of half an hour within ten agreed hours are paid"
# paid_minutes = 600
# pence = 20000
# [example.package]
# agreed_minutes = 600
# [[example.visit]]
# planned = "{day} 08:00-08:30"
# taps = ["08:00:00 08:30:00"]
# times = 20
"""


def begun_terms(council: str, *, starts: date) -> str:
    """A contract file that the loader takes. `council` is the name of its folder: small letters, digits and hyphens."""
    begin = BEGIN.format(council=council, starts=starts)
    tables = [_table(header, does(of), parameters(of), used=False) for header, of in MAY_STAND]
    prices = [_table(header, does(of), parameters(of), used=False) for header, of in PRICES]
    examples = EXAMPLES.format(day=starts + timedelta(days=1))
    return "\n".join([begin, *_steps(), MISSED, *tables, PRICE, *prices, examples])


def _steps() -> Iterator[str]:
    yield "# The steps, in their order. Those without a # count.\n"
    for kind in catalogue():
        yield _table("[[step]]", _what(kind), kind.parameters, used=kind.name in USED, step=kind.name)


def _what(kind: StepKind) -> str:
    return kind.does if kind.works_on == "visit" else f"{kind.does} (Over a period: it needs [period].)"


def _table(header: str, what: str, told: Sequence[Parameter], *, used: bool, step: str | None = None) -> str:
    named = [f'step = "{step}"'] if step else []
    lines = [header, *named, f'says = "{what if used else "…"}"', 'clause = "to be named"']
    lines += [f"{'' if each.needed else '# '}{each.name} = {each.sample}  # {each.takes}" for each in told]
    return "\n".join([f"# {what}", *(line if used else f"# {line}" for line in lines)]) + "\n"
