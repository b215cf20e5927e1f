"""Is every price the exact one, rounded once, halves up?"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as some

from calltime_server.payment.price import priced
from calltime_server.payment.price_words import price_told
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_price import Price
from fixtures.care import example_terms, instant

EXAMPLE = example_terms()


def at_a_price(pounds: str, *, clause: str = "1") -> Terms:
    return replace(EXAMPLE, price=Price(says="…", clause=clause, pounds_per_hour=pounds))


def costs(minutes: int, terms: Terms) -> tuple[Any, ...]:
    """Pence, what rounding did, and the sentence."""
    row = {"provider": "p", "zone": "z", "service": "care", "seconds": minutes * 60, "counted_from": instant("2026-07-06 08:00")}
    frame = priced(pl.DataFrame([row]), terms, seconds="seconds")
    told = price_told(frame, terms, seconds="seconds").item()
    return frame["pence"].item(), frame["rounding_360000ths"].item(), told


@given(some.integers(0, 72 * 60), some.integers(1, 99_999_999))
def test_pence_are_the_exact_price_with_halves_up_and_what_rounding_did(minutes: int, per_hour: int) -> None:
    pounds = f"{per_hour // 10_000}.{per_hour % 10_000:04}"
    pence, rounding, told = costs(minutes, at_a_price(pounds))

    exact = Fraction(pounds) * 100 * minutes / 60
    assert pence == (exact + Fraction(1, 2)).__floor__()
    assert Fraction(rounding, 360_000) == pence - exact
    assert ("rounded to" in told) == (rounding != 0)


def test_half_a_penny_is_rounded_up_and_told() -> None:
    # 5 min × £18.78 an hour = £1.565
    pence, _, told = costs(5, at_a_price("18.78", clause="Schedule 5, 1"))

    assert (pence, told) == (157, "5 min × £18.78 an hour (Schedule 5, 1) = £1.565, rounded to £1.57.")


def test_a_price_that_never_ends_is_told_as_such() -> None:
    # 7 min × £18.73 an hour = £131.11 ÷ 60 = £2.185166…
    assert costs(7, at_a_price("18.73"))[2] == "7 min × £18.73 an hour (1) = £2.18516…, rounded to £2.19."
