"""Do the eighteen sums that fix the meaning of every rule come out, from taps to pence?

Each is settled under small terms of its own, and those that come from a council's paper in that council's file as well (see
test_the_five_councils.py). Sums that are not of payment stand where they belong:

- 10, paid on plan and corrected in the next period, and 17, a late tap after a period was closed: the tests of the ledger (integration)
- 12, the score of electronic log-ins: the tests of the reports
- 16, a tap that is delivered twice: test_redelivery.py
"""

from datetime import date

import pytest

from fixtures.care import contact, only_line, tap, visit
from fixtures.contracts import (
    WHOLE_MINUTES,
    Diary,
    absent,
    came_to,
    entered,
    of_kind,
    package,
    period,
    rule,
    step,
    terms_with,
)

HOURLY = rule("price", pounds_per_hour="24.00")  # 40p a minute
WEEK = period("week", "2026-04-06")
FOUR_WEEKS = period("four_weeks", "2026-04-06")
FIFTH_OF_MAY = date(2026, 5, 5)  # the last of thirty days


def test_sum_1_fifty_minutes_are_the_longest_band_and_what_is_over_it() -> None:
    bands = '[[price.band]]\nminutes = 30\npounds = "16.00"\n[[price.band]]\nminutes = 45\npounds = "20.00"\n'
    # 44 min cost £16 + 14 min × £24/h = £21.60 and 45 min £20: such a price has a cliff, and must own up to it.
    cliffs = [rule("[known_cliff]", planned_minutes=minutes) for minutes in (15, 30, 45, 60)]
    terms = terms_with(WHOLE_MINUTES, HOURLY + bands, *cliffs)

    line = only_line(Diary().days("2026-04-07", 1, "08:00", minutes=60, lasted=50).settled(terms))

    assert line["pence"] == 2200  # £20.00 for 45 min + 5 min × £24.00 ÷ 60 = £2.00


def test_sum_2_of_fifty_nine_minutes_the_complete_quarters_are_paid() -> None:
    terms = terms_with(WEEK, WHOLE_MINUTES, step("complete_units", minutes=15, rolls_over=False), HOURLY)

    line = only_line(Diary().days("2026-04-07", 1, "08:00", minutes=60, lasted=59).settled(terms))

    assert (line["paid_minutes"], line["pence"]) == (45, 1800)  # 59 = 3 × 15 + 14; 45 × 40p


def test_sum_3_twelve_minutes_are_paid_as_the_minimum_of_thirty() -> None:
    terms = terms_with(WHOLE_MINUTES, step("minimum", minutes=30), HOURLY)

    line = only_line(Diary().days("2026-04-07", 1, "11:15", minutes=30, lasted=12).settled(terms))

    assert (line["contact_seconds"], line["paid_minutes"], line["pence"]) == (720, 30, 1200)  # 30 × 40p


def test_sum_4_what_does_not_fill_an_hour_is_carried_to_the_next_visit() -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("complete_units", minutes=60), HOURLY)
    diary = Diary().days("2026-04-07", 1, "08:00", minutes=175, lasted=175).days("2026-04-09", 1, "08:00", minutes=30, lasted=30)

    lines = diary.settled(terms).lines

    # 175 min = 2 h, and 55 min are carried; 55 + 30 = 85 min = 1 h, and 25 min are carried.
    assert lines["paid_minutes"].to_list() == [120, 60]


def test_sum_4_nothing_is_carried_into_another_period() -> None:
    terms = terms_with(WEEK, WHOLE_MINUTES, step("complete_units", minutes=60), HOURLY)
    diary = Diary().days("2026-04-12", 1, "08:00", minutes=175, lasted=175).days("2026-04-13", 1, "08:00", minutes=30, lasted=30)

    assert diary.settled(terms).lines["paid_minutes"].to_list() == [120, 0]  # Sunday, and Monday of the next week


def agreed_weeks(*hours_a_day: int) -> Diary:
    """Weeks from 6 April 2026 with five days each of a planned 3 h, on which so many hours were given."""
    diary = Diary()
    for first, hours in zip(("2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27"), hours_a_day, strict=True):
        diary.days(first, 5, "09:00", minutes=180, lasted=hours * 60)
    return diary


def test_sum_5_sixty_agreed_hours_are_paid_however_they_are_spread_over_four_weeks() -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("agreed_hours"), HOURLY)

    lines = agreed_weeks(4, 2, 4, 2).settled(terms, agreed=package(starts="2026-04-06", agreed_minutes=3600)).lines

    # 5 × (4 + 2 + 4 + 2) h = 20 + 10 + 20 + 10 = 60 h
    assert (lines["paid_minutes"].sum(), lines["parked_minutes"].sum(), lines["pence"].sum()) == (3600, 0, 144_000)


def test_sum_5_an_hour_above_the_agreed_ones_is_parked_and_says_why() -> None:
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("agreed_hours"), HOURLY)
    diary = agreed_weeks(4, 2, 4, 2).days("2026-05-02", 1, "09:00", minutes=60, lasted=60)

    lines = diary.settled(terms, agreed=package(starts="2026-04-06", agreed_minutes=3600)).lines

    last = lines.row(-1, named=True)
    assert (last["outcome"], last["reason"], last["parked_minutes"]) == ("park", "above_agreed_hours", 60)
    assert lines["paid_minutes"].sum() == 3600


@pytest.mark.parametrize(
    ("a_day", "paid", "parked"),
    [
        (132, 660, 0),  # 5 × 132 min = 11.0 h, which is 10 h + 10 %
        (138, 660, 30),  # 5 × 138 min = 11.5 h, half an hour above
    ],
)
def test_sum_6_a_tenth_more_than_planned_is_paid_and_the_rest_is_parked(a_day: int, paid: int, parked: int) -> None:
    terms = terms_with(WEEK, WHOLE_MINUTES, step("percent_of_planned", percent=10), HOURLY)
    diary = Diary().days("2026-04-06", 5, "09:00", minutes=120, lasted=a_day)

    lines = diary.settled(terms, agreed=package(starts="2026-04-06")).lines

    assert (lines["paid_minutes"].sum(), lines["parked_minutes"].sum()) == (paid, parked)


def test_sum_7_ten_days_in_hospital_are_a_retainer_when_the_service_starts_again() -> None:
    retainer = step("retainer", absences=["hospital"], weeks=2, percent=100)
    terms = terms_with(WEEK, WHOLE_MINUTES, retainer, rule("absence"), HOURLY)
    diary = (
        Diary()
        .days("2026-04-06", 2, "10:00", minutes=120, lasted=120)
        .days("2026-04-08", 10, "10:00", minutes=120)
        .days("2026-04-18", 1, "10:00", minutes=120, lasted=120)
    )
    in_hospital = absent("hospital", "2026-04-08 00:00:00", "2026-04-18 00:00:00")

    settlement = diary.settled(terms, agreed=package(starts="2026-04-06"), told=in_hospital)

    retained = of_kind(settlement, "retainer")
    assert (retained["paid_minutes"].sum(), retained["pence"].sum()) == (1200, 48_000)  # 14 h a week × 10 ÷ 7 = 20 h × £24
    assert of_kind(settlement, "visit")["pence"].sum() == 14_400  # 3 × 2 h × £24, and the ten of the hospital come to nothing


def enablement(*, lasted: int) -> Diary:
    return Diary().days("2026-04-06", 30, "09:00", minutes=60, lasted=lasted)


BUDGET = (
    WEEK,
    WHOLE_MINUTES,
    step("budget", services=["care"], weeks=6),
    rule("price", pounds_per_hour="16.00"),
    # Terms with a budget must show one.
    """
    [[example]]
    name = "a budget whose outcome is not known yet"
    service = "care"
    paid_minutes = 0
    pence = 0
    [example.package]
    budget = "600.00"
    [[example.visit]]
    planned = "2026-04-07 08:00-08:30"
    """,
)


@pytest.mark.parametrize(
    ("outcome", "pence"),
    [
        ("met", 60_000),
        ("not_met", 48_000),
        (None, 48_000),  # the rest waits until the outcome is known
    ],
)
def test_sum_8_a_budget_is_paid_in_full_when_its_outcomes_were_met(outcome: str | None, pence: int) -> None:
    agreed = package(starts="2026-04-06", ends=FIFTH_OF_MAY, budget_pence=60_000, outcome=outcome)

    settlement = enablement(lasted=60).settled(terms_with(*BUDGET), agreed=agreed)

    assert settlement.lines["pence"].sum() == pence  # 30 × 1 h × £16 = £480 of £600
    assert of_kind(settlement, "visit")["pence"].sum() == 48_000


@pytest.mark.parametrize(("exceptional", "pence"), [(False, 60_000), (True, 72_000)])
def test_sum_9_above_the_budget_is_paid_only_in_an_exceptional_case(exceptional: bool, pence: int) -> None:
    agreed = package(starts="2026-04-06", ends=FIFTH_OF_MAY, budget_pence=60_000, outcome="met", exceptional=exceptional)

    settlement = enablement(lasted=90).settled(terms_with(*BUDGET), agreed=agreed)

    assert settlement.lines["pence"].sum() == pence  # 30 × 1.5 h × £16 = £720; the paper's own sum of £700 is in Cornwall's file


def test_sum_11_an_increase_waits_for_its_form_from_the_first_day_on() -> None:
    """Seven days that are paid without the form are not built: the paper leaves open whether they are. What is above the agreed hours is
    parked, and the form, as authorised contingency minutes, releases all of it.
    """
    terms = terms_with(FOUR_WEEKS, WHOLE_MINUTES, step("agreed_hours"), step("contingency_hours"), HOURLY)
    diary = Diary().days("2026-04-06", 9, "09:00", minutes=60, lasted=90)

    without = diary.settled(terms, agreed=package(starts="2026-04-06", agreed_minutes=540)).lines
    with_form = diary.settled(terms, agreed=package(starts="2026-04-06", agreed_minutes=540, contingency_minutes=270)).lines

    # 9 × 90 min = 810 min; agreed are 9 × 60 = 540; 9 × 30 = 270 are the increase.
    assert (without["paid_minutes"].sum(), without["parked_minutes"].sum()) == (540, 270)
    assert (with_form["paid_minutes"].sum(), with_form["parked_minutes"].sum()) == (810, 0)


@pytest.mark.parametrize(
    ("pays", "paid"),
    [
        ("each_carer", [30, 25]),  # 08:00 to 08:30 and 08:10 to 08:35: 55 carer minutes
        ("together", [20, 20]),  # both were there from 08:10 to 08:30
    ],
)
def test_sum_13_two_carers_are_paid_for_their_own_time_or_for_the_time_together(pays: str, paid: list[int]) -> None:
    terms = terms_with(step("double_handed", pays=pays), WHOLE_MINUTES, HOURLY)
    first = contact("d1", "2026-04-07 08:00:00", "2026-04-07 08:30:00", carer="c1")
    second = contact("d2", "2026-04-07 08:10:00", "2026-04-07 08:35:00", carer="c2")

    settlement = came_to(terms, [visit("v", "s1", "2026-04-07 08:00:00", carers=2)], [*first, *second])

    assert settlement.lines.sort("carer")["paid_minutes"].to_list() == paid
    assert settlement.visits["together_seconds"].to_list() == [1200, 1200]


def test_sum_14_half_an_hour_over_the_change_of_clocks_is_half_an_hour() -> None:
    in_the_night = [tap("d", 1, "start", "2026-10-25T00:50:00Z"), tap("d", 2, "stop", "2026-10-25T01:20:00Z")]  # 01:50 BST to 01:20 GMT

    line = only_line(came_to(terms_with(WHOLE_MINUTES, HOURLY), [visit("v", "s1", "2026-10-25T00:50:00Z")], in_the_night))

    assert (line["contact_seconds"], line["paid_minutes"], line["pence"]) == (1800, 30, 1200)


def test_sum_15_a_visit_over_midnight_is_split_between_saturday_and_sunday() -> None:
    rates = rule("[price.rate]", days=["sun"], pounds_per_hour="30.00")
    terms = terms_with(WHOLE_MINUTES, HOURLY, rates)

    line = only_line(Diary().days("2026-04-11", 1, "23:40", minutes=40, lasted=40).settled(terms))

    assert line["pence"] == 1800  # 20 min × £24 ÷ 60 = £8 on Saturday + 20 min × £30 ÷ 60 = £10 on Sunday


@pytest.mark.parametrize(
    ("contract", "reason", "outcome", "pence"),
    [
        ((rule("entered", reasons=["reader_down"]),), "reader_down", "pay", 1200),  # 30 min × £24 ÷ 60
        ((rule("entered", reasons=["reader_down"]),), "forgot_both", "park", 0),
        ((), "reader_down", "park", 0),
    ],
)
def test_sum_18_times_entered_by_hand_are_paid_only_for_a_reason_of_the_contract(
    contract: tuple[str, ...], reason: str, outcome: str, pence: int
) -> None:
    told = entered("2026-04-07 08:00:00", "2026-04-07 08:30:00", reason=reason)

    line = only_line(
        came_to(terms_with(WHOLE_MINUTES, HOURLY, *contract), [visit("v", "s1", "2026-04-07 08:00:00", minutes=30)], [], told=told)
    )

    assert (line["outcome"], line["pence"], line["grade"]) == (outcome, pence, 0)
