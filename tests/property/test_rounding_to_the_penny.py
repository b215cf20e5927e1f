"""Is every price the exact one, rounded once, halves up?"""

from fractions import Fraction

import polars as pl
from hypothesis import given
from hypothesis import strategies as some

from calltime_server.payment.price import charge
from calltime_server.payment.terms import Price


@given(some.integers(0, 72 * 60), some.integers(1, 99_999_999))
def test_pence_are_the_exact_price_with_halves_up_and_what_rounding_did(minutes: int, per_hour: int) -> None:
    pounds = f"{per_hour // 10_000}.{per_hour % 10_000:04}"
    price = charge(Price(says="…", clause="1", pounds_per_hour=pounds), seconds="seconds")
    frame = pl.DataFrame({"seconds": [minutes * 60]}).select(pence=price.pence, rounding=price.rounding, told=price.sentence)
    pence, rounding, told = frame.row(0)

    exact = Fraction(pounds) * 100 * minutes / 60
    assert pence == (exact + Fraction(1, 2)).__floor__()
    assert Fraction(rounding, 360_000) == pence - exact
    assert ("rounded to" in told) == (rounding != 0)


def test_half_a_penny_is_rounded_up_and_told() -> None:
    # 5 min × £18.78 an hour = £1.565
    price = charge(Price(says="…", clause="Schedule 5, 1", pounds_per_hour="18.78"), seconds="seconds")
    frame = pl.DataFrame({"seconds": [300]}).select(pence=price.pence, told=price.sentence)

    assert frame.row(0) == (157, "5 min × £18.78 an hour (Schedule 5, 1) = £1.565, rounded to £1.57.")


def test_a_price_that_never_ends_is_told_as_such() -> None:
    # 7 min × £18.73 an hour = £131.11 ÷ 60 = £2.185166…
    price = charge(Price(says="…", clause="1", pounds_per_hour="18.73"), seconds="seconds")

    assert pl.DataFrame({"seconds": [420]}).select(price.sentence).item() == "7 min × £18.73 an hour (1) = £2.18516…, rounded to £2.19."
