"""What became of a planned visit?"""

from typing import Any

import polars as pl
import pytest

from calltime_server.visits.matching import match
from calltime_server.visits.outcomes import Outcomes, outcomes
from calltime_server.visits.pairing import pair
from calltime_server.visits.told import ABSENCES, REPORTS, Told
from fixtures.care import Row, contact, instant, kinds, plan_of, tap, taps_of, visit

VISIT = visit("v", "s1", "2026-07-06 08:00")
TAPS = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00")
START = [tap("d", 1, "start", "2026-07-06 08:00:00")]


def report(kind: str, told_at: str, visit_id: str = "v") -> Row:
    return (visit_id, kind, instant(told_at), "coordinator", "")


def away(since: str, until: str | None = None, kind: str = "hospital") -> Row:
    return ("s1", kind, instant(since), until and instant(until))


def found(
    taps: list[Row], *, reports: tuple[Row, ...] = (), absences: tuple[Row, ...] = (), visits: tuple[Row, ...] = (VISIT,)
) -> Outcomes:
    contacts = pair(taps_of(*taps), debounce_seconds=60, longest_hours=16).contacts
    matched = match(plan_of(*visits), contacts, window_minutes=120)
    told = Told(
        reports=pl.DataFrame(list(reports), schema=REPORTS, orient="row"),
        absences=pl.DataFrame(list(absences), schema=ABSENCES, orient="row"),
    )
    return outcomes(matched.visits, told, tolerance_minutes=5, notice_hours=24)


def became(outcome: Outcomes) -> list[Any]:
    return outcome.visits["delivery"].to_list()


def stopped(outcome: Outcomes) -> tuple[Any, ...]:
    return outcome.visits.select("delivery", "absence", "stopped_at").row(0)


@pytest.mark.parametrize(
    ("stop", "delivery"),
    [
        ("08:24:59", "delivered_short"),
        ("08:25:00", "delivered"),
        ("08:35:00", "delivered"),
        ("08:35:01", "delivered_over"),
    ],
)
def test_a_visit_is_short_or_over_by_more_than_the_tolerance(stop: str, delivery: str) -> None:
    assert became(found(contact("d", "2026-07-06 08:00:00", f"2026-07-06 {stop}"))) == [delivery]


@pytest.mark.parametrize("kind", ["no_access", "declined_at_door", "cancelled_by_council"])
@pytest.mark.parametrize("taps", [[], START])
def test_what_was_told_of_a_visit_that_lacks_a_tap_is_what_became_of_it(kind: str, taps: list[Row]) -> None:
    outcome = found(taps, reports=(report(kind, "2026-07-06 09:00"),))

    assert became(outcome) == [kind]
    assert outcome.visits["told_at"].item() == instant("2026-07-06 09:00")
    assert kinds(outcome.problems) == []


def test_a_day_before_the_planned_start_is_in_notice_and_a_second_less_is_not() -> None:
    assert became(found([], reports=(report("cancelled_by_client", "2026-07-05 08:00:00"),))) == ["cancelled_in_notice"]
    assert became(found([], reports=(report("cancelled_by_client", "2026-07-05 08:00:01"),))) == ["cancelled_short_notice"]


def test_notice_is_reckoned_in_hours_that_pass_when_the_clocks_go_back() -> None:
    # 09:00 BST to 08:00 GMT on the next day are 24 hours
    visits = (visit("v", "s1", "2026-10-25 08:00"),)

    assert became(found([], visits=visits, reports=(report("cancelled_by_client", "2026-10-24 09:00"),))) == ["cancelled_in_notice"]


def test_both_taps_are_stronger_than_a_report_and_the_contradiction_is_told() -> None:
    outcome = found(TAPS, reports=(report("no_access", "2026-07-06 09:00"),))

    assert became(outcome) == ["delivered"]
    assert outcome.visits["told_at"].item() is None
    assert outcome.problems.select("kind", "device", "seq", "visit_id").rows() == [("told_otherwise", "d", 1, "v")]
    assert "but it was told at 09:00:00 on 6 July 2026: no access. They count." in outcome.problems["says"].item()


def test_a_visit_that_was_added_to_the_plan_later_is_approved_if_it_was_made() -> None:
    approved = (report("approved_later", "2026-07-07 09:00"),)

    assert became(found(TAPS, reports=approved)) == ["not_planned_approved"]
    assert became(found(START, reports=approved)) == ["no_stop"]
    assert became(found([], reports=approved)) == ["missed"]


def test_of_two_reports_the_last_counts_and_both_are_told() -> None:
    outcome = found([], reports=(report("no_access", "2026-07-06 09:00"), report("declined_at_door", "2026-07-06 10:00")))

    assert became(outcome) == ["declined_at_door"]
    assert outcome.problems.select("kind", "visit_id").rows() == [("told_twice", "v")]
    assert "no access at 09:00:00 on 6 July 2026 by coordinator; declined at the door at 10:00:00" in outcome.problems["says"].item()


def test_a_report_that_comes_twice_is_one() -> None:
    assert kinds(found([], reports=(report("no_access", "2026-07-06 09:00"),) * 2).problems) == []


def test_a_report_about_a_visit_that_nobody_planned_is_told() -> None:
    outcome = found([], reports=(report("no_access", "2026-07-06 09:00", "other"),))

    assert became(outcome) == ["missed"]
    assert outcome.problems.select("kind", "visit_id").rows() == [("report_of_nothing", "other")]


def test_an_absence_explains_a_visit_whose_planned_start_it_covers() -> None:
    since = instant("2026-07-06 08:00")

    assert stopped(found([], absences=(away("2026-07-06 08:00"),))) == ("absent", "hospital", since)
    assert stopped(found([], absences=(away("2026-07-06 08:00:01"),)))[:2] == ("missed", "hospital")
    assert stopped(found([], absences=(away("2026-07-06 08:30"),))) == ("missed", None, None)
    assert stopped(found([], absences=(away("2026-07-01 08:00", "2026-07-06 08:00"),))) == ("missed", None, None)
    assert stopped(found([], absences=(away("2026-07-01 08:00", "2026-07-06 08:00:01"),)))[0] == "absent"


def test_what_was_told_of_a_visit_stays_beside_an_absence() -> None:
    outcome = found([], reports=(report("no_access", "2026-07-06 09:00"),), absences=(away("2026-07-06 07:00"),))

    assert stopped(outcome) == ("no_access", "hospital", instant("2026-07-06 07:00"))


def test_taps_during_an_absence_stay_delivered_and_are_told() -> None:
    outcome = found(TAPS, absences=(away("2026-07-06 08:10", kind="death"),))

    assert stopped(outcome) == ("delivered", "death", instant("2026-07-06 08:10"))
    assert outcome.problems.select("kind", "device", "seq", "visit_id").rows() == [("tapped_while_absent", "d", 1, "v")]


def test_an_absence_after_the_planned_end_stops_the_pay_of_a_visit_that_still_lasts() -> None:
    longer = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:50:00")

    assert stopped(found(longer, absences=(away("2026-07-06 08:40"),)))[2] == instant("2026-07-06 08:40")
    assert stopped(found(longer, absences=(away("2026-07-06 08:50"),)))[2] is None


def test_a_carer_who_came_after_the_service_user_was_home_again_came_to_no_absence() -> None:
    later = contact("d", "2026-07-06 09:00:00", "2026-07-06 09:30:00")

    assert stopped(found(later, absences=(away("2026-07-01 10:00", "2026-07-06 08:45"),))) == ("delivered", None, None)


def test_of_absences_that_overlap_the_earlier_one_stops_pay() -> None:
    absences = (away("2026-07-06 07:00", kind="respite"), away("2026-07-05 07:00", kind="hospital"))

    assert stopped(found([], absences=absences)) == ("absent", "hospital", instant("2026-07-05 07:00"))


def test_the_absence_of_another_service_user_is_nothing_to_this_one() -> None:
    other = ("s2", "hospital", instant("2026-07-01 08:00"), None)

    assert stopped(found([], absences=(other,))) == ("missed", None, None)


def test_a_report_counts_for_the_carer_who_did_not_come_and_not_for_the_one_who_did() -> None:
    outcome = found(TAPS, visits=(visit("v", "s1", "2026-07-06 08:00", carers=2),), reports=(report("no_access", "2026-07-06 09:00"),))

    assert became(outcome) == ["delivered", "no_access"]
    assert kinds(outcome.problems) == ["told_otherwise"]


def test_a_contact_that_nobody_planned_stays_so_whatever_was_told() -> None:
    outcome = found(TAPS, visits=(), absences=(away("2026-07-01 08:00"),))

    assert stopped(outcome) == ("not_planned", None, None)
