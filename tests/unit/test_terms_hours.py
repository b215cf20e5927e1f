"""Are hours without a price found, and hours with two?"""

from typing import Any

import pytest
from pydantic import ValidationError

from calltime_server.payment.terms_hours import has_price, wrong_hours
from calltime_server.payment.terms_price import BandPrice, Price, Rate, SpecialDays

SAID: dict[str, Any] = {"says": "A price.", "clause": "5.1"}


def rate(days: Any = "any", start: str = "00:00", end: str = "24:00", **whom: Any) -> Rate:
    return Rate(**SAID, days=days.split(), from_time=start, to_time=end, pounds_per_hour="18.72", **whom)


def wrong(*rates: Rate, all_other: str | None = None, special: SpecialDays | None = None) -> list[tuple[Any, str]]:
    return list(wrong_hours(Price(**SAID, pounds_per_hour=all_other, rate=rates, special_days=special)))


def test_one_rate_for_all_hours_is_enough() -> None:
    assert wrong(rate()) == []


def test_days_and_nights_of_the_week_and_its_end_fill_the_week() -> None:
    assert wrong(rate("weekday", "00:00", "20:00"), rate("weekday", "20:00", "24:00"), rate("weekend"), rate("bank_holiday")) == []


def test_a_gap_is_told_with_its_hours_and_days() -> None:
    [(key, says)] = wrong(rate("weekday", "06:00", "20:00"), rate("weekend"))

    assert key == ("price", "rate", 0)
    assert says.startswith(
        "No rate fits 00:00–06:00 and 20:00–24:00 on Monday, Tuesday, Wednesday, Thursday and Friday. Add a [[price.rate]]"
    )


def test_a_day_without_any_rate_is_a_gap() -> None:
    [(_, says)] = wrong(rate("weekday"), rate("sat"))

    assert says.startswith("No rate fits 00:00–24:00 on Sunday.")


def test_a_gap_of_one_service_is_not_hidden_by_the_rates_of_another() -> None:
    [(key, says)] = wrong(rate(services=("home care",)), rate("weekday", services=("nights",)))

    assert key == ("price", "rate", 1)
    assert says.startswith("No rate fits for nights 00:00–24:00 on Saturday and Sunday.")


def test_a_rate_for_all_fills_the_gap_of_one_service() -> None:
    assert wrong(rate("weekday", "22:00", "24:00", services=("nights",)), rate()) == []


def test_a_price_for_all_other_hours_leaves_no_gap() -> None:
    assert wrong(rate("sat", "06:00", "07:00"), all_other="18.72") == []


def test_bank_holidays_alone_are_no_gap_of_the_services_that_have_their_own_rates() -> None:
    assert wrong(rate("bank_holiday"), rate(services=("home care",))) == []


def test_two_rates_that_fit_equally_overlap() -> None:
    [(key, says)] = wrong(rate("weekday", "06:00", "20:00"), rate("weekday sat", "19:00", "22:00"), all_other="18.72")

    assert key == ("price", "rate", 1)
    assert says.startswith("[[price.rate]] 2 and [[price.rate]] 1 both fit 19:00–20:00 of weekday, and neither goes before the other.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (rate("sat"), rate("weekend")),
        (rate("any"), rate("bank_holiday")),
        (rate(zones=("north",)), rate()),
        (rate(services=("day",)), rate(services=("night",))),
        (rate(providers=("p",)), rate(zones=("north",))),
        (rate("sat", "06:00", "12:00"), rate("sat", "12:00", "24:00")),
    ],
)
def test_rates_of_which_one_goes_before_the_other_do_not_overlap(one: Rate, other: Rate) -> None:
    assert wrong(one, other, all_other="18.72") == []


def test_special_days_need_a_rate_and_a_rate_for_them_needs_the_days() -> None:
    [(key, says)] = wrong(rate("special_day"), all_other="18.72")
    assert key == ("price", "rate", 0, "days")
    assert "no [price.special_days] says which these are" in says

    [(key, says)] = wrong(rate(), special=SpecialDays(**SAID, days=("12-25",)))
    assert key == ("price", "special_days")


@pytest.mark.parametrize("day", ["02-30", "2026-02-29", "25 December", "13-01", "W01", "2026-1225"])
def test_a_special_day_that_is_no_date_is_refused(day: str) -> None:
    with pytest.raises(ValidationError, match="is no day"):
        SpecialDays(**SAID, days=(day,))


def test_every_date_may_be_a_special_day() -> None:
    assert SpecialDays(**SAID, days=("02-29", "12-25", "2026-06-15")).days == ("02-29", "12-25", "2026-06-15")


def test_hours_over_midnight_are_two_rates() -> None:
    with pytest.raises(ValidationError, match="Write hours over midnight as two rates"):
        rate("any", "22:00", "06:00")


def test_a_price_needs_some_price_and_bands_in_order() -> None:
    with pytest.raises(ValidationError, match="no price stands here"):
        Price(**SAID)
    with pytest.raises(ValidationError, match="ascending order of minutes"):
        Price(**SAID, pounds_per_hour="24.00", band=(BandPrice(minutes=45, pounds="20.00"), BandPrice(minutes=30, pounds="16.00")))


def test_a_service_that_no_rate_names_has_no_price() -> None:
    price = Price(**SAID, rate=(rate(services=("day",)),))

    assert has_price(price, "day")
    assert not has_price(price, "night")
