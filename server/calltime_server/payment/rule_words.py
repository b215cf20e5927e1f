"""What does one rule do with the numbers that it was given, in a sentence?

For whoever must defend a sum: each number stands with its unit, and what is switched off is not told of. The catalogue of steps tells what
a step can do; this tells what these terms let it do.
"""

from calltime_server.payment.ruling import Ruling
from calltime_server.payment.terms import Matching, Pairing, Period
from calltime_server.payment.terms_steps import (
    AgreedHours,
    Band,
    Bank,
    BlockHours,
    Budget,
    CapAtPlanned,
    CompleteUnits,
    ContingencyHours,
    CountFrom,
    DoubleHanded,
    Minimum,
    PercentOfPlanned,
    Retainer,
    Rounding,
    Tolerance,
    TrimToWindow,
    Waiting,
    WeeklyCeiling,
    WholeMinutes,
)

AN_HOUR = 60
PERIODS = {"week": "a week", "four_weeks": "four weeks", "month": "a calendar month"}
BEYOND = {"park": "parked", "refuse": "refused", "report": "paid as well, and reported"}
FROM = {"tap": "from the start tap", "planned_start": "from the start tap, but not before the planned start,"}
TO = {"tap": "to the stop tap", "planned_end": "to the stop tap, but not after the planned end"}
AWAY = {"hospital": "in hospital", "respite": "in respite", "away": "away otherwise"}


def told_rule(rule: Ruling) -> str:
    """What it does. Empty: there is nothing to add to the council's own sentence."""
    match rule:
        case Pairing() | Matching() | Period():
            return _before_the_steps(rule)
        case Rounding() | Tolerance() | Minimum() | Band() | CapAtPlanned() | WholeMinutes():
            return _of_the_length(rule)
        case CountFrom() | TrimToWindow() | DoubleHanded() | Waiting():
            return _of_the_clock(rule)
        case _:
            return _of_the_period(rule)


def listed(words: tuple[str, ...], last: str = "and") -> str:
    """a, b and c"""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _before_the_steps(rule: Pairing | Matching | Period) -> str:
    match rule:
        case Pairing():
            slip = f"A tap of the same kind no more than {rule.debounce_seconds} seconds after the one before it does not count. "
            lost = f"A stop more than {_many(rule.longest_hours, 'hour')} after the start is not taken as its stop."
            return (slip if rule.debounce_seconds else "") + lost
        case Matching():
            near = f"The planned start may lie up to {_many(rule.window_minutes, 'minute')} from the start of the contact."
            short = f"A visit more than {_many(rule.tolerance_minutes, 'minute')} shorter or longer than planned is called short or over."
            off = f"A visit that is called off at least {_many(rule.notice_hours, 'hour')} before its planned start is cancelled in notice."
            return f"{near} {short if rule.tolerance_minutes else _EXACT} {off}"
        case Period():
            return f"A period is {PERIODS[rule.length]}; one of them begins on {rule.first.day} {rule.first:%B %Y}."


_EXACT = "A visit that is shorter or longer than planned, by however little, is called short or over."


def _of_the_length(rule: Rounding | Tolerance | Minimum | Band | CapAtPlanned | WholeMinutes) -> str:
    match rule:
        case Rounding():
            of = "The length is" if rule.of == "length" else "The start and the end are each"
            up = f"up from {_many(rule.threshold_minutes or 0, 'minute')} over a multiple, and otherwise down"
            way = {"up": "always up", "down": "always down", "nearest": "to the nearest"}.get(rule.how, up)
            return f"{of} rounded to a multiple of {_many(rule.minutes, 'minute')}, {way}."
        case Tolerance():
            sides = {"both": "shorter or longer", "short": "shorter", "over": "longer"}[rule.of]
            return f"A visit no more than {_tolerated(rule)} {sides} than planned is paid as planned."
        case Minimum():
            since = f" that lasted at least {_many(rule.from_minutes, 'minute')}" if rule.from_minutes > 1 else ""
            return f"A visit{since} counts as no less than {_many(rule.minutes, 'minute')}."
        case Band():
            return f"{_banded(rule)[0].upper()}{_banded(rule)[1:]}."
        case CapAtPlanned():
            more = [f"{rule.plus_percent} % of it"] * bool(rule.plus_percent) + [_many(rule.plus_minutes, "minute")] * bool(
                rule.plus_minutes
            )
            over = f" and {' and '.join(more)} more" if more else ""
            return f"A carer is paid for no more than the planned length{over}."
        case WholeMinutes():
            return "Seconds that do not fill a minute are dropped."


def _tolerated(rule: Tolerance) -> str:
    minutes, percent = _many(rule.minutes, "minute"), f"{rule.percent} % of the planned time"
    if rule.minutes and rule.percent:
        return f"{minutes} or {percent}, whichever is more,"
    return minutes if rule.minutes else percent


def _banded(rule: Band) -> str:
    bands = f"{listed(tuple(map(str, rule.minutes)), 'or')} minutes"
    longest = f"what is longer than {rule.minutes[-1]} minutes is paid as {rule.minutes[-1]}"
    match rule.how:
        case "up":
            return f"a visit counts as the next of {bands} that is not shorter; {longest}"
        case "down":
            return f"a visit counts as the longest of {bands} that is not longer; what is below {rule.minutes[0]} minutes is not paid"
        case "nearest":
            return f"a visit counts as the nearest of {bands}; {longest}"
        case "longest_and_remainder":
            return f"a visit counts as the longest of {bands} that is not longer, and what is over it, to the minute"


def _of_the_clock(rule: CountFrom | TrimToWindow | DoubleHanded | Waiting) -> str:
    match rule:
        case CountFrom():
            return f"Time counts {FROM[rule.early]} {TO[rule.late]}."
        case TrimToWindow():
            before = f"{_many(rule.minutes_before, 'minute')} before " if rule.minutes_before else ""
            after = f"{_many(rule.minutes_after, 'minute')} after " if rule.minutes_after else ""
            return f"Only time from {before}the planned start to {after}the planned end counts."
        case DoubleHanded():
            own = "her own time" if rule.pays == "each_carer" else "the time in which all of them were there"
            return f"Where several carers are asked for at once, each is paid for {own}."
        case Waiting():
            return f"Waiting at the door is paid as well, up to {_many(rule.at_most_minutes, 'minute')} a visit."


def _of_the_period(rule: Ruling) -> str:
    match rule:
        case CompleteUnits():
            left = "is kept for the carer's later visits to the same service user in the period" if rule.rolls_over else "is not paid"
            return f"Only complete units of {rule.minutes} minutes are paid; what is left over {left}."
        case AgreedHours():
            return "Paid within the hours agreed for the package and the period, however they are spread; what is above is parked."
        case ContingencyHours():
            return "What is above the agreed hours is paid as far as contingency hours were authorised for the package."
        case PercentOfPlanned():
            more = f" and {rule.percent} % more" if rule.percent else ""
            return f"Paid up to what was planned for the package in the period{more}; what is above is parked."
        case Bank():
            put = f"Planned time that was not given goes to the bank of the package, up to {_length(rule.limit_minutes)},"
            ends = f"What is not used within {_many(rule.expires_after_periods, 'period')} is lost."
            return f"{put} and pays later for what is above the plan. {ends}"
        case WeeklyCeiling():
            whose = listed(rule.providers) if rule.providers else "each provider"
            each = "each of " if len(rule.providers) > 1 else ""
            return f"No more than {_length(rule.minutes)} a week for {each}{whose}; what is above is {BEYOND[rule.beyond]}."
        case Budget():
            whole = "is paid whole where the outcomes were met, whatever time was used; where they were not, only the visits are paid"
            most = "More than the budget is paid only where the council has agreed that the case is exceptional."
            return f"A budget for {listed(rule.services)}, for up to {_many(rule.weeks, 'week')}, {whole}. {most}"
        case Retainer():
            away = listed(tuple(AWAY[each] for each in rule.absences), "or")
            paid = f"are paid at {rule.percent} % for up to {_many(rule.weeks, 'week')}"
            back = "That is taken back where the service does not start again within as many weeks."
            return f"Planned visits of a service user who is {away} {paid}. {back}"
        case BlockHours():
            bought = f"Hours bought as a block are paid at £{rule.pounds_per_hour} an hour, whether they are used or not;"
            return f"{bought} visits within them cost nothing more."
        case _:
            return ""


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _length(minutes: int) -> str:
    hours, rest = divmod(minutes, AN_HOUR)
    return " ".join([_many(hours, "hour")] * bool(hours) + [_many(rest, "minute")] * bool(rest))
