"""Hours that were saved in one period and pay for what is above the plan in a later one."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from calltime_server.payment.banked import FLOWS, banked_after
from calltime_server.payment.period.beside import lines_beside, told_beside
from calltime_server.payment.terms import Terms
from calltime_server.visits.told import Told
from fixtures.period_frames import agreed_of, frame_of, made, minutes, step_terms, taken, terms_with, weekly

FLEX = step_terms("percent_of_planned", percent=10)


def _terms(*, limit: int = 240, expires: int = 13) -> Terms:
    return terms_with(FLEX, step_terms("bank", limit_minutes=limit, expires_after_periods=expires), length="week")


def _moves(rows: list[dict[str, Any]], terms: Terms, banked: tuple[Any, ...] = ()) -> list[tuple[int, str, int]]:
    """(the week's number, reason, minutes) of each bank line."""
    agreed = agreed_of(banked=banked)
    lines = lines_beside(taken(frame_of(*rows), terms, agreed), terms, Told(), agreed)
    return [((row["period"] - date(2026, 4, 6)).days // 7, row["reason"], row["bank_minutes"]) for row in lines.iter_rows(named=True)]


def test_what_was_not_delivered_in_one_week_pays_for_what_is_above_in_the_next() -> None:
    # Week 1: planned 60, delivered 45: 15 are saved. Week 2: planned 60, so up to 66; 86 were delivered: 20 above, 15 from the bank.
    rows = weekly([made(0, 45), made(7, 86)])
    frame = taken(frame_of(*rows), _terms())

    assert minutes(frame, "seconds_after_bank") == [45, 81]
    assert minutes(frame, "seconds_parked_by_percent_of_planned") == [0, 20]
    assert minutes(frame, "seconds_parked_by_bank") == [0, -15]
    assert frame["told_seconds_after_bank"].to_list() == [
        None,
        "Bank of saved hours (7.1): 15 min paid from it, so 81 min in all.",
    ]
    assert _moves(rows, _terms()) == [(0, "saved", 15), (1, "drawn", -15)]


def test_a_week_does_not_draw_on_what_it_saves_itself_nor_on_a_later_one() -> None:
    # 20 min above in the first week, 30 saved in the second.
    frame = taken(frame_of(*weekly([made(0, 86), made(7, 30)])), _terms())

    assert minutes(frame, "seconds_parked_by_bank") == [0, 0]


def test_the_bank_takes_no_more_than_its_limit() -> None:
    # 40 and 50 min were saved, of a limit of 60: 40, then 20.
    assert _moves(weekly([made(0, 20), made(7, 10)]), _terms(limit=60)) == [(0, "saved", 40), (1, "saved", 20)]


def test_saved_hours_expire_when_their_periods_are_over() -> None:
    # 30 min of week 0 can be drawn in weeks 1 and 2. Week 3 is 10 above its 66 and finds nothing.
    rows = weekly([made(0, 30), made(7, 60), made(14, 60), made(21, 76)])

    assert _moves(rows, _terms(expires=2)) == [(0, "saved", 30), (2, "expired", -30)]
    assert minutes(taken(frame_of(*rows), _terms(expires=2)), "seconds_after_bank") == [30, 60, 60, 66]
    assert minutes(taken(frame_of(*rows), _terms(expires=3)), "seconds_after_bank") == [30, 60, 60, 76]


def test_the_oldest_hours_are_drawn_first_and_what_was_banked_before_counts() -> None:
    # 10 min of 30 March, 20 saved in week 0. Week 1 draws 15: the 10, then 5. Of the 20 the other 15 expire with week 2.
    rows = weekly([made(0, 40), made(7, 81), made(14, 60)])
    banked = (("k1", date(2026, 3, 30), 10),)

    assert _moves(rows, _terms(expires=2), banked) == [(0, "saved", 20), (1, "drawn", -15), (2, "expired", -15)]


def test_a_missed_visit_is_saved_and_what_is_parked_or_absent_is_not() -> None:
    assert _moves(weekly([made(0, None)]), _terms()) == [(0, "saved", 60)]
    assert _moves(weekly([made(0, None, delivery="absent")]), _terms()) == []
    assert _moves(weekly([made(0, None, delivery="no_stop")]), _terms()) == []  # its stop may still come


def test_a_bank_line_tells_what_moved_and_costs_nothing() -> None:
    agreed = agreed_of()
    lines = lines_beside(taken(frame_of(*weekly([made(0, 45)])), _terms(), agreed), _terms(), Told(), agreed)
    line = lines.with_columns(explanation=told_beside(_terms())).row(0, named=True)

    assert (line["visit_id"], line["kind"], line["pence"], line["paid_minutes"]) == ("bank:k1/2026-04-06/saved", "bank", 0, 0)
    assert line["explanation"] == (
        "Bank of saved hours (7.1), period from 6 April 2026: 15 min were planned and not delivered, and wait in it for 13 periods."
    )


def test_nothing_is_saved_in_a_week_of_a_block() -> None:
    # Whatever was used of the block's 300 min is paid with it: 60 min not delivered are paid already.
    terms = replace(_terms(), period_steps=(*_terms().period_steps, step_terms("block_hours", pounds_per_hour="18.00")))
    agreed = agreed_of(blocks=(("b1", "p1", "z1", "care", date(2026, 4, 6), date(2026, 4, 6), 300),))
    frame = taken(frame_of(*weekly([made(0, None), made(7, None), made(14, 126)])), terms, agreed)
    lines = lines_beside(frame, terms, Told(), agreed).filter(pl.col("kind") == "bank")

    assert lines["visit_id"].to_list() == ["bank:k1/2026-04-13/saved", "bank:k1/2026-04-20/drawn"]


def test_what_has_expired_is_not_in_the_bank_any_more() -> None:
    # Saved in the first week, and its end noted late, as nobody was visited in the weeks between.
    moved = [("k1", date(2026, 4, 6), 40), ("k1", date(2026, 4, 27), -40)]
    flows = pl.DataFrame(moved, schema=FLOWS, orient="row")

    assert banked_after(flows, terms=_terms(expires=2)).is_empty()
