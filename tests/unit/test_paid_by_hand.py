"""With which reasons is an end paid that was entered by hand?"""

from datetime import timedelta

from calltime_server.payment.by_hand import paid_reasons
from fixtures.care import example_terms


def test_the_terms_of_each_day_say_which_reasons_are_paid_and_before_the_first_begin_there_are_none() -> None:
    terms = example_terms()
    before = terms.starts - timedelta(days=1)

    assert "forgot_out" in paid_reasons([terms], [terms.starts])
    assert paid_reasons([terms], [before]) == frozenset()
    assert paid_reasons([terms], [terms.starts, before]) == frozenset()
