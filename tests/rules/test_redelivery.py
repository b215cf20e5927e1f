"""Which taps count once?"""

from calltime_server.visits.redelivery import count_once
from fixtures.care import kinds, tap, taps_of

START = tap("d", 1, "start", "2026-07-06 08:00:00")


def test_a_tap_that_is_delivered_three_times_counts_once() -> None:
    counted = count_once(taps_of(START, START, START))

    assert (counted.taps.rows(), counted.problems.height) == ([START], 0)


def test_the_same_number_with_another_content_is_a_fork_and_neither_counts() -> None:
    counted = count_once(taps_of(START, START, tap("d", 1, "start", "2026-07-06 08:00:01"), tap("d", 2, "stop", "2026-07-06 08:30:00")))

    assert counted.taps["seq"].to_list() == [2]
    assert kinds(counted.problems) == ["fork"]
    assert counted.problems["says"][0].startswith(
        "Device d sent 2 different taps under its number 1: start at 08:00:00 on 6 July 2026 by c1 at s1; "
        "start at 08:00:01 on 6 July 2026 by c1 at s1. None of them counts"
    )


def test_a_fork_about_two_carers_names_neither_as_its_own() -> None:
    problems = count_once(taps_of(START, tap("d", 1, "start", "2026-07-06 08:00:00", carer="c2"))).problems

    assert problems.select("carer", "service_user").rows() == [(None, "s1")]


def test_the_same_number_from_two_doors_is_two_taps() -> None:
    assert count_once(taps_of(START, tap("e", 1, "start", "2026-07-06 08:00:00"))).taps.height == 2


def test_an_empty_reference_is_an_unknown_one() -> None:
    assert count_once(taps_of(tap("d", 1, "start", "2026-07-06 08:00:00", carer="", at=""))).taps.select(
        "carer", "service_user"
    ).rows() == [(None, None)]
