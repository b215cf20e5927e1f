"""Hours that were bought as a block: paid whatever was used."""

from dataclasses import replace
from datetime import date

from calltime_server.payment.period.beside import lines_beside, told_beside
from calltime_server.payment.period.days import Days
from calltime_server.visits.told import Told
from fixtures.period_frames import agreed_of, frame_of, made, minutes, step_terms, taken, terms_with

TERMS = terms_with(step_terms("block_hours", pounds_per_hour="18.00"))
BLOCK = ("b1", "p1", "z1", "care", date(2026, 4, 6), None, 100)


def test_a_visit_in_a_block_costs_nothing_by_itself_up_to_the_blocks_hours() -> None:
    # 100 min a week for 60 + 60: 60 and 40 in the block, 20 beyond it. Another zone is in no block.
    frame = taken(frame_of(made(0, 60), made(1, 60), made(2, 60, zone="z2")), TERMS, agreed_of(blocks=(BLOCK,)))

    assert minutes(frame, "seconds_after_block_hours") == [0, 20, 60]
    assert minutes(frame, "seconds_in_block") == [60, 40, 0]
    assert frame["told_seconds_after_block_hours"].to_list() == [
        "Block hours (7.1): 60 min in the block, paid with it.",
        "Block hours (7.1): 40 min in the block, paid with it, and 20 min beyond it by themselves.",
        None,
    ]


def test_a_block_is_paid_for_each_of_its_weeks_whatever_was_used() -> None:
    # 100 min × £18.00 ÷ 60 = £30.00 a week. Used: 60 min in the first week, nothing in the second, all in the third.
    agreed = agreed_of(blocks=(BLOCK,))
    lines = lines_beside(taken(frame_of(made(0, 60), made(14, 150)), TERMS, agreed), TERMS, Told(), agreed)

    assert lines["visit_id"].to_list() == ["block:b1/2026-04-06", "block:b1/2026-04-13", "block:b1/2026-04-20"]
    assert lines["pence"].to_list() == [3000, 3000, 3000]
    assert lines["paid_minutes"].to_list() == [100, 100, 100]
    assert lines["period"].to_list() == [date(2026, 4, 6)] * 3
    assert minutes(lines, "seconds_in_block") == [60, 0, 100]
    assert lines.select(told_beside(TERMS)).to_series()[0] == (
        "Block (7.1): 100 min bought for the week from 6 April 2026, 60 min of them used (60 %), "
        "× £18.00 an hour = £30.00, whatever was used."
    )


def test_a_week_belongs_to_a_block_when_its_monday_lies_in_the_blocks_days() -> None:
    # The block ends on Monday 13 April: that week is the last one. On the 20th there is none.
    agreed = agreed_of(blocks=((*BLOCK[:5], date(2026, 4, 13), 100),))
    frame = taken(frame_of(made(0, 60), made(9, 60), made(14, 60)), TERMS, agreed)

    assert minutes(frame, "seconds_in_block") == [60, 60, 0]
    assert lines_beside(frame, TERMS, Told(), agreed).height == 2


def test_where_no_block_was_agreed_visits_are_paid_by_themselves() -> None:
    assert minutes(taken(frame_of(made(0, 60)), TERMS, agreed_of()), "seconds_after_block_hours") == [60]


def test_two_blocks_of_one_provider_zone_and_service_are_one_pool_used_in_the_order_of_their_names() -> None:
    # 100 + 50 min a week. 60 + 60 min are in them: 100 in the first block and 20 in the second.
    agreed = agreed_of(blocks=(("b2", *BLOCK[1:6], 50), BLOCK))
    frame = taken(frame_of(made(0, 60), made(1, 60)), TERMS, agreed)

    assert minutes(frame, "seconds_after_block_hours") == [0, 0]
    assert minutes(lines_beside(frame, TERMS, Told(), agreed), "seconds_in_block") == [100, 20]


def test_a_block_that_has_ended_hides_none_that_began_before_it() -> None:
    agreed = agreed_of(blocks=(BLOCK, ("b2", "p1", "z1", "care", date(2026, 4, 13), date(2026, 4, 19), 50)))
    frame = taken(frame_of(made(14, 100)), TERMS, agreed)

    assert minutes(frame, "seconds_in_block") == [100]


def test_a_block_is_paid_in_weeks_at_the_edge_in_which_nobody_was_visited() -> None:
    agreed = agreed_of(blocks=(BLOCK,))
    four_weeks = Days(first=date(2026, 4, 6), last=date(2026, 5, 3), known=date(2026, 5, 3))
    frame = taken(frame_of(made(7, 60)), TERMS, agreed)

    for visits in (frame, frame.clear()):
        assert lines_beside(visits, TERMS, Told(), agreed, four_weeks)["pence"].to_list() == [3000] * 4


def test_no_block_is_paid_in_a_week_in_which_no_terms_are_in_force() -> None:
    agreed, later = agreed_of(blocks=(BLOCK,)), replace(TERMS, starts=date(2026, 4, 13))
    frame = taken(frame_of(made(0, 60), made(7, 60)), later, agreed)

    assert lines_beside(frame, later, Told(), agreed)["visit_id"].to_list() == ["block:b1/2026-04-13"]
