"""How much waiting belongs to a contact?"""

from calltime_server.visits.pairing import Paired, pair
from fixtures.care import Row, contact, tap, taps_of


def paired(*taps: Row) -> Paired:
    return pair(taps_of(*taps), debounce_seconds=60, longest_hours=16)


def waited(found: Paired) -> list[int]:
    return found.contacts["waiting_seconds"].to_list()


def waiting(seq: int, time: str, *, carer: str = "c1", at: str = "s1") -> Row:
    return tap("w", seq, "waiting", f"2026-07-06 {time}", carer=carer, at=at)


VISIT = contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00")


def test_waiting_runs_to_the_start_that_follows_and_is_no_contact() -> None:
    found = paired(waiting(1, "07:55:00"), *VISIT)

    assert (waited(found), found.contacts["contact_seconds"].to_list()) == ([300], [1800])
    assert "5 min later the visit began" in found.problems["says"][0]


def test_of_several_waiting_taps_the_first_counts() -> None:
    assert waited(paired(waiting(1, "07:50:00"), waiting(2, "07:58:00"), *VISIT)) == [600]


def test_waiting_before_another_visit_is_not_carried_over_it() -> None:
    later = contact("e", "2026-07-06 12:00:00", "2026-07-06 12:30:00")

    assert waited(paired(waiting(1, "07:55:00"), *VISIT, *later)) == [300, 0]


def test_a_carer_who_was_not_let_in_waited_for_no_visit() -> None:
    found = paired(waiting(1, "07:55:00"))

    assert waited(found) == []
    assert "No start followed" in found.problems["says"][0]


def test_waiting_longer_than_the_longest_visit_belongs_to_no_start() -> None:
    later = contact("e", "2026-07-07 08:00:00", "2026-07-07 08:30:00")

    assert waited(paired(waiting(1, "16:00:00"), *later)) == [57_600]
    assert waited(paired(waiting(1, "15:59:59"), *later)) == [0]


def test_the_waiting_of_another_carer_or_at_another_home_is_not_taken() -> None:
    assert waited(paired(waiting(1, "07:55:00", carer="c2"), waiting(2, "07:55:00", at="s2"), *VISIT)) == [0]


def test_a_start_is_not_lost_to_a_waiting_that_a_clock_put_hours_before_it() -> None:
    # Number 4 is a start in the afternoon; then the clock was set back, and number 5 waits at noon.
    found = paired(tap("w", 4, "start", "2026-07-06 17:00:00"), waiting(5, "12:00:00"))

    assert found.contacts.select("start_device", "start_seq").rows() == [("w", 4)]
