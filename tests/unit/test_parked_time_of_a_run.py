"""How much time is parked in a run, on its page and in the savings report?"""

from calltime_server.store.run_figures import Figure
from calltime_server.web.run_shown import run_shown


def parked(*, outcome: str, planned: int, parked: int, differences: int = 0) -> Figure:
    return Figure(
        provider="North Care", kind="visit", outcome=outcome, reason="no_stop", lines=1 - differences, differences=differences,
        planned_minutes=planned, contact_seconds=0, paid_minutes=0, parked_minutes=parked, pence=0,
    )  # fmt: skip


def parked_minutes(figure: Figure) -> int:
    (row,) = run_shown([figure]).reasons
    return row.parked_seconds // 60


def test_a_visit_that_is_parked_without_a_contact_waits_with_its_planned_time() -> None:
    assert parked_minutes(parked(outcome="park", planned=45, parked=0)) == 45
    assert parked_minutes(parked(outcome="park", planned=-45, parked=0, differences=1)) == -45


def test_otherwise_what_the_line_says_is_parked_is() -> None:
    assert parked_minutes(parked(outcome="park", planned=45, parked=40)) == 40
    assert parked_minutes(parked(outcome="pay", planned=45, parked=15)) == 15
    assert parked_minutes(parked(outcome="refuse", planned=45, parked=0)) == 0
