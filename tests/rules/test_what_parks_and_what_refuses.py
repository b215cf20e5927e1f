"""Which visits cannot be paid as they are, why, by whose authority, and what would release them?"""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from calltime_server.payment.agreed import PACKAGES, Agreed
from calltime_server.payment.settling import settle
from calltime_server.payment.terms import Absence, Charge, Entered, Grade, NotMade, Period, Shares, Terms
from calltime_server.payment.terms_steps import AgreedHours
from calltime_server.visits.told import ABSENCES, ENTRIES, REPORTS, Told
from fixtures.care import Row, contact, example_terms, instant, plan_of, tap, taps_of, visit

EXAMPLE = example_terms()
SAYS: dict[str, Any] = {"says": "It is so.", "clause": "Schedule 9"}
PLANNED = visit("v", "s1", "2026-07-06 08:00")
BOTH_TAPS = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00")


def line(taps: list[Row], terms: Terms, *, told: Told | None = None, agreed: Agreed | None = None) -> dict[str, Any]:
    return settle(plan=plan_of(PLANNED), taps=taps_of(*taps), terms=terms, told=told, agreed=agreed).lines.row(0, named=True)


def reported(kind: str, at: str = "2026-07-06 07:00") -> Told:
    return Told(reports=pl.DataFrame([("v", kind, instant(at), "coordinator", "…")], schema=REPORTS, orient="row"))


def absent(since: str) -> Told:
    return Told(absences=pl.DataFrame([("s1", "hospital", instant(since), None)], schema=ABSENCES, orient="row"))


def entered(reason: str) -> Told:
    ends = [(1, "start", "2026-07-06 08:00"), (2, "stop", "2026-07-06 08:30")]
    rows = [(number, instant(at), action, "c1", "s1", reason, "coordinator", instant("2026-07-07 09:00")) for number, action, at in ends]
    return Told(entries=pl.DataFrame(rows, schema=ENTRIES, orient="row"))


def package(name: str, **changed: Any) -> tuple[Any, ...]:
    row = dict.fromkeys(PACKAGES.names()) | {"package": name, "service_user": "s1", "provider": "provider", "service": "care"}
    return tuple((row | {"starts": date(2026, 7, 1), "exceptional": False, **changed}).values())


def agreed(*packages: tuple[Any, ...]) -> Agreed:
    return Agreed(packages=pl.DataFrame(list(packages), schema=PACKAGES, orient="row"))


def test_a_visit_that_was_not_made_is_paid_by_the_per_cent_of_its_reason() -> None:
    terms = replace(EXAMPLE, not_made=(NotMade(**SAYS, why="no_access", percent=50),))
    found = line([], terms, told=reported("no_access"))

    # half of 30 min: 15 × 31.2p = 468p
    assert (found["outcome"], found["reason"], found["paid_minutes"], found["pence"]) == ("pay", "no_access", 15, 468)
    assert (
        "Not made: the carer got no access (told 07:00:00 on 6 July 2026). 50 % of the planned time (Schedule 9): 15 min."
        in (found["explanation"])
    )


def test_a_visit_cancelled_without_a_rule_for_it_is_refused_by_the_clause_for_missed_ones() -> None:
    found = line([], EXAMPLE, told=reported("cancelled_by_council"))

    assert (found["outcome"], found["reason"], found["pence"]) == ("refuse", "cancelled_by_council", 0)
    assert "Refused (Schedule 4, 4.1): A visit that was not made is not paid." in found["explanation"]


def test_an_absence_refuses_by_its_clause_and_parks_where_there_is_none() -> None:
    told = absent("2026-07-05 10:00")

    with_clause = line([], replace(EXAMPLE, absence=Absence(**SAYS)), told=told)
    assert (with_clause["outcome"], with_clause["reason"]) == ("refuse", "absent")
    assert "Refused (Schedule 9): the service user was absent (hospital) from 10:00:00 on 5 July 2026 on." in with_clause["explanation"]
    assert line([], EXAMPLE, told=told)["outcome"] == "park"


def test_taps_during_an_absence_are_parked() -> None:
    found = line(BOTH_TAPS, replace(EXAMPLE, absence=Absence(**SAYS)), told=absent("2026-07-06 08:00"))

    assert (found["outcome"], found["reason"], found["parked_minutes"], found["pence"]) == ("park", "tapped_while_absent", 30, 0)


def test_contact_counts_to_the_instant_of_an_absence() -> None:
    found = line(BOTH_TAPS, replace(EXAMPLE, absence=Absence(**SAYS)), told=absent("2026-07-06 08:20"))

    assert (found["paid_minutes"], found["pence"]) == (20, 624)  # 20 × 31.2p
    assert "Counted until 08:20:00 on 6 July 2026, when an absence began (hospital; Schedule 9)." in found["explanation"]


def test_ends_entered_by_hand_are_paid_only_for_a_reason_that_the_terms_name() -> None:
    terms = replace(EXAMPLE, entered=Entered(**SAYS, reasons=("reader_broken",)))

    by_hand = line([], terms, told=entered("reader_broken"))
    assert by_hand["pence"] == 936
    assert "Entered by hand: 08:00:00 to 08:30:00, 30 min of contact." in by_hand["explanation"]
    assert by_hand["explanation"].endswith(" No taps: start entered by hand, entry 1; stop entered by hand, entry 2.")
    assert line([], terms, told=entered("forgotten"))["reason"] == "entered_reason"
    assert line([], EXAMPLE, told=entered("reader_broken"))["outcome"] == "park"


@pytest.mark.parametrize(
    ("tapped", "how", "evidence"),
    [
        ("start", "Start tapped 08:00:00, stop entered by hand as 08:30:00", "Taps: d/1 (grade 2); stop entered by hand, entry 2."),
        ("stop", "Start entered by hand as 08:00:00, stop tapped 08:30:00", "Taps: d/2 (grade 2); start entered by hand, entry 1."),
    ],
)
def test_of_a_visit_with_one_tapped_end_the_other_is_told_as_entered(tapped: str, how: str, evidence: str) -> None:
    terms = replace(EXAMPLE, entered=Entered(**SAYS, reasons=("reader_broken",)))
    told = entered("reader_broken")
    told = replace(told, entries=told.entries.filter(pl.col("action") != tapped))
    found = line([each for each in BOTH_TAPS if each[3] == tapped], terms, told=told)

    assert f"{how}: 30 min of contact." in found["explanation"]
    assert found["explanation"].endswith(evidence)


def test_an_entered_end_without_another_is_told_as_entered() -> None:
    told = entered("reader_broken")
    found = line([], EXAMPLE, told=replace(told, entries=told.entries.filter(pl.col("action") == "start")))

    assert "Entered by hand: start 08:00:00 on 6 July 2026, and no stop." in found["explanation"]
    assert found["explanation"].endswith(" No tap: start entered by hand, entry 1.")


def test_a_tap_that_proves_too_little_parks_its_line() -> None:
    taps = [tap("d", 1, "start", "2026-07-06 08:00:00", grade=1), tap("d", 2, "stop", "2026-07-06 08:30:00", grade=3)]
    found = line(taps, replace(EXAMPLE, grade=Grade(**SAYS, at_least=2)))

    assert (found["outcome"], found["reason"], found["parked_minutes"]) == ("park", "low_grade", 30)
    assert "Parked (Schedule 9): a tap proves grade 1, and grade 2 is asked for at the least." in found["explanation"]


def test_a_visit_needs_the_one_package_whose_hours_are_agreed() -> None:
    hours = AgreedHours(**SAYS, step="agreed_hours")
    terms = replace(EXAMPLE, period=Period(**SAYS, length="week", first=date(2026, 4, 6)), period_steps=(hours,))

    assert line(BOTH_TAPS, terms)["reason"] == "no_package"
    assert line(BOTH_TAPS, terms, agreed=agreed(package("k", ends=date(2026, 7, 5))))["reason"] == "no_package"
    assert line(BOTH_TAPS, terms, agreed=agreed(package("k"), package("l")))["reason"] == "two_packages"
    found = line(BOTH_TAPS, terms, agreed=agreed(package("k", agreed_minutes=20)))
    assert (found["package"], found["paid_minutes"], found["parked_minutes"], found["outcome"]) == ("k", 20, 10, "pay")
    assert found["reason"] == "above_agreed_hours"


def test_time_without_a_price_is_parked() -> None:
    rate = {"days": ("sat",), "pounds_per_hour": "20.00", **SAYS}
    price = type(EXAMPLE.price).model_validate({**SAYS, "rate": [rate]}, strict=False)
    found = line(BOTH_TAPS, replace(EXAMPLE, price=price))  # a Monday

    assert (found["outcome"], found["reason"], found["parked_minutes"], found["pence"]) == ("park", "no_rate", 30, 0)


def test_council_and_health_service_share_a_line_to_the_penny() -> None:
    terms = replace(EXAMPLE, shares=(Shares(**SAYS, health_percent=25),), charge=(Charge(**SAYS, percent=10, services=("care",)),))
    found = line(contact("d", "2026-07-06 08:00:00", "2026-07-06 08:27:00"), terms)

    # 27 × 31.2p = 842.4p → 842p; a quarter is 210.5p → 211p, and 842p − 211p = 631p; a tenth is 84.2p → 84p
    assert [found[name] for name in ("pence", "health_pence", "council_pence", "charge_pence")] == [842, 211, 631, 84]
    assert "The NHS pays £2.11 of it (25 %, Schedule 9), the council £6.31." in found["explanation"]
    assert "The service user is charged £0.84 of it (10 %, Schedule 9)." in found["explanation"]


def test_a_package_has_its_own_share_and_its_fund_holder_is_paid() -> None:
    own = package("k", health_percent=3333, fund_holder="trust", charge_percent=0)
    found = line(BOTH_TAPS, replace(EXAMPLE, charge=(Charge(**SAYS, percent=10),)), agreed=agreed(own))

    # 33.33 % of 936p is 311.97p → 312p
    assert [found[name] for name in ("payee", "health_pence", "council_pence", "charge_pence")] == ["trust", 312, 624, 0]
    assert "(33.33 %, as its package says)" in found["explanation"]
    assert "Paid to the fund holder trust." in found["explanation"]
