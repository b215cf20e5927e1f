"""In which language is a person answered, and how are days and lengths written in it?"""

from datetime import UTC, date, datetime

import pytest
from starlette.requests import Request

from calltime_server.web import shown
from calltime_server.web.language import Language, language_of


def request(*, accepts: str = "", cookie: str = "") -> Request:
    headers = [(b"accept-language", accepts.encode()), (b"cookie", cookie.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [
        ("", "en"),
        ("fr", "en"),
        ("cy", "cy"),
        ("cy-GB,en;q=0.8", "cy"),
        ("en-GB,en;q=0.9,cy;q=0.8", "en"),
        ("en;q=0.7, cy;q=0.8", "cy"),
        ("fr, cy;q=0.5", "cy"),
        (";q=;,", "en"),
    ],
)
def test_a_browser_is_answered_in_what_it_asks_for_first(accepts: str, expected: Language) -> None:
    assert language_of(request(accepts=accepts)) == expected


def test_what_was_chosen_counts_before_what_the_browser_asks_for() -> None:
    assert language_of(request(accepts="en", cookie="language=cy")) == "cy"
    assert language_of(request(accepts="cy", cookie="language=en")) == "en"
    assert language_of(request(accepts="cy", cookie="language=klingon")) == "cy"


def test_days_and_lengths_are_written_in_the_language_of_the_person() -> None:
    assert shown.day(date(2026, 10, 5)) == "Monday 5 October 2026"
    assert shown.day(date(2026, 10, 5), language="cy") == "Dydd Llun 5 Hydref 2026"
    assert shown.month(date(2026, 8, 1), language="cy") == "Awst 2026"
    assert (shown.lasting(1665), shown.lasting(1665, language="cy")) == ("27 min 45 s", "27 mun 45 eil")
    assert (shown.hours(864300), shown.hours(864300, language="cy")) == ("240 h 05 min", "240 awr 05 mun")
    assert shown.moment(datetime(2026, 10, 5, 7, 4, 10, tzinfo=UTC)) == "08:04:10 on Monday 5 October 2026"
    assert shown.moment(datetime(2026, 10, 5, 7, 4, 10, tzinfo=UTC), language="cy") == "08:04:10, Dydd Llun 5 Hydref 2026"
