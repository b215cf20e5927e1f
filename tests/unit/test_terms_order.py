"""Are steps refused that stand in an order without sense, each with its reason?"""

import pytest

from calltime_server.payment.step_order import out_of_order


def wrong(*steps: str) -> list[tuple[int, str]]:
    return out_of_order([{"step": step} for step in steps])


@pytest.mark.parametrize(
    ("second", "first", "because"),
    [
        ("cap_at_planned", "minimum", "a minimum longer than the plan would pay more than the cap allows"),
        ("cap_at_planned", "round", "could be rounded up to more than the cap allows"),
        ("cap_at_planned", "band", "could be rounded up to more than the cap allows"),
        ("cap_at_planned", "tolerance", "every long visit would look as if it had kept to its plan"),
        ("whole_minutes", "waiting", "minutes would no longer be whole"),
        ("round", "count_from", "it cuts at times on the clock"),
        ("round", "whole_minutes", "no seconds are left to be dropped"),
        ("minimum", "trim_to_window", "it cuts at times on the clock"),
        ("count_from", "double_handed", "it says which time counts at all"),
        ("band", "tolerance", "a length that is none of the bands"),
    ],
)
def test_two_steps_of_a_visit_the_wrong_way_round_are_refused_with_the_reason(second: str, first: str, because: str) -> None:
    [(number, says)] = [each for each in wrong(second, first) if "before" in each[1]]

    assert number == 0
    assert says.startswith(f"The step `{second}` stands before `{first}`: ")
    assert because in says
    assert says.endswith(f"Put `{first}` first.")


@pytest.mark.parametrize(
    ("second", "first"),
    [
        ("agreed_hours", "complete_units"),
        ("weekly_ceiling", "agreed_hours"),
        ("bank", "percent_of_planned"),
        ("budget", "agreed_hours"),
        ("block_hours", "weekly_ceiling"),
    ],
)
def test_steps_of_a_period_have_an_order_too(second: str, first: str) -> None:
    assert any(f"`{second}` stands before `{first}`" in says for _, says in wrong("whole_minutes", second, first))


def test_a_step_of_a_visit_after_one_of_a_period_is_refused() -> None:
    [(number, says)] = wrong("whole_minutes", "agreed_hours", "cap_at_planned")

    assert number == 1
    assert "a period adds up what its visits came to" in says


def test_contingency_needs_agreed_hours_and_a_bank_needs_a_step_that_parks() -> None:
    says = [says for _, says in wrong("whole_minutes", "contingency_hours", "bank")]

    assert says[0].startswith("The step `contingency_hours` stands alone: ")
    assert says[1].startswith("The step `bank` stands alone: the bank pays only for what another step has parked")
    assert "`agreed_hours` or `percent_of_planned`" in says[1]


@pytest.mark.parametrize("steps", [("tolerance", "cap_at_planned"), ("count_from", "minimum")])
def test_some_step_must_make_whole_minutes(steps: tuple[str, ...]) -> None:
    assert any("No step makes whole minutes" in says for _, says in wrong(*steps))


@pytest.mark.parametrize("steps", [("round", "cap_at_planned"), ("tolerance", "band"), ("tolerance", "whole_minutes", "minimum")])
def test_rounding_and_bands_make_whole_minutes_by_themselves(steps: tuple[str, ...]) -> None:
    assert wrong(*steps) == []


def test_whole_minutes_beside_a_rounding_of_each_end_do_nothing() -> None:
    ends = {"step": "round", "of": "each_end"}

    assert out_of_order([ends, {"step": "cap_at_planned"}]) == []
    assert out_of_order([ends, {"step": "whole_minutes"}])[0][1].startswith("The step `whole_minutes` does nothing")
    assert "would undo what was done before it" in out_of_order([{"step": "minimum"}, ends])[0][1]


def test_the_whole_catalogue_in_its_order_makes_sense() -> None:
    steps = (
        *("double_handed", "count_from", "trim_to_window", "waiting", "whole_minutes", "round", "tolerance", "minimum", "band"),
        *("cap_at_planned", "complete_units", "agreed_hours", "contingency_hours", "percent_of_planned", "bank", "weekly_ceiling"),
        *("budget", "retainer", "block_hours"),
    )
    assert wrong(*steps) == []


def test_waiting_after_ends_that_were_rounded_needs_whole_minutes() -> None:
    ends: dict[str, str] = {"step": "round", "of": "each_end"}
    [(number, says)] = out_of_order([ends, {"step": "waiting"}])

    assert (number, says[:34]) == (1, "The step `waiting` adds seconds to")
    assert out_of_order([ends, {"step": "waiting"}, {"step": "whole_minutes"}]) == []
