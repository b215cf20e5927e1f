"""Is shown which visits an absence concerns before it is told, and does what was told before stay?"""

from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from calltime_server.rights import Role
from calltime_server.store.connection import connect, fetch
from calltime_server.web.guard import COOKIE
from fixtures.html import read_page
from fixtures.office import csrf_of, let_in, office
from fixtures.small_day import SmallDay

AWAY = {
    "service_user": "S5",
    "kind": "hospital",
    "since_day": "2026-10-05",
    "since_time": "12:30",
    "until_day": "",
    "until_time": "",
}


class Desk:
    """An officer who tells absences."""

    def __init__(self, dsn: str, client: httpx.Client, csrf: str) -> None:
        self.dsn, self.client, self.csrf = dsn, client, csrf

    def send(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **fields})

    def kinds(self) -> list[str]:
        with connect(self.dsn) as connection:
            return [kind for (kind,) in fetch(connection, "SELECT kind FROM absence ORDER BY number", {})]


@pytest.fixture
def desk(small_day: SmallDay) -> Iterator[Desk]:
    let = let_in(small_day.dsn)
    with office(small_day.dsn, let=let) as client:
        client.cookies.set(COOKIE, let.session)
        yield Desk(small_day.dsn, client, csrf_of(small_day.dsn, let))


def test_the_visits_that_it_concerns_are_shown_before_anything_is_written(desk: Desk) -> None:
    shown = desk.send("/absences/new", **AWAY)

    # 12:30 lies in the visit from 12:00 to 13:00, and the one at 18:00 follows.
    assert [row[0] for row in read_page(shown.text).tables[0].rows[1:]] == ["V5", "V/6"]
    assert desk.kinds() == []


def test_an_absence_is_told_ended_and_withdrawn_and_every_row_is_kept(desk: Desk) -> None:
    told = desk.send("/absences/new", **AWAY, agreed="yes")
    assert "It was noted." in told.text
    look = desk.send("/absences/1/end", until_day="2026-10-05", until_time="17:00")
    assert [table.caption for table in read_page(look.text).tables] == [
        "Planned visits in this time",
        "Planned visits that would be expected again",
    ]
    desk.send("/absences/1/end", until_day="2026-10-05", until_time="17:00", agreed="yes", standing="1")
    desk.send("/absences/2/withdraw", agreed="yes", standing="2")

    assert desk.kinds() == ["hospital", "hospital", "withdrawn"]
    with connect(desk.dsn) as connection:
        assert fetch(connection, "SELECT day FROM day_to_log", {}) == [(date(2026, 10, 5),)]
    assert desk.send("/absences/2/withdraw", agreed="yes").status_code == 409


def test_all_faults_of_the_form_are_told_at_once_and_what_was_typed_stays(desk: Desk) -> None:
    refused = desk.send("/absences/new", service_user="nobody", kind="", since_day="2026-10-05", since_time="", until_day="", until_time="")

    assert refused.status_code == 422
    text = read_page(refused.text).text
    assert "Nothing is planned or agreed for this service user" in text
    assert "What kind of absence it is was not chosen" in text
    assert "Write both the day and the time of day" in text
    assert 'value="nobody"' in refused.text


def test_a_time_that_london_skips_and_an_end_before_the_beginning_are_refused(desk: Desk) -> None:
    skipped = desk.send("/absences/new", **AWAY | {"since_day": "2026-03-29", "since_time": "01:30"})
    backwards = desk.send("/absences/new", **AWAY | {"until_day": "2026-10-04", "until_time": "12:00"})

    assert "London&#39;s clocks go forward" in skipped.text
    assert "The end comes before the beginning" in backwards.text


def test_a_provider_sees_the_absences_of_its_own_service_users_and_tells_none(desk: Desk) -> None:
    desk.send("/absences/new", **AWAY, agreed="yes")
    for provider, seen in (("South & West Care", True), ("North Care", False)):
        let = let_in(desk.dsn, Role.PROVIDER, provider=provider)
        with office(desk.dsn, let=let) as client:
            listed = client.get("/absences?which=all").text
            one = client.get("/absences/1")
            told = client.post("/absences/new", data={"csrf": csrf_of(desk.dsn, let), **AWAY, "agreed": "yes"})

        assert (">S5<" in listed) is seen
        assert one.status_code == (200 if seen else 404)
        assert told.status_code == 403
    assert desk.kinds() == ["hospital"]


def test_programs_tell_absences_by_the_same_rules(desk: Desk) -> None:
    absence = {"service_user": "S5", "kind": "hospital", "since": "2026-10-05T11:30:00Z"}

    tried = desk.client.post("/api/v1/absences?dry_run=true", json=absence)
    told = desk.client.post("/api/v1/absences", json=absence)
    refused = desk.client.post("/api/v1/absences", json=absence | {"until": "2026-10-04T00:00:00Z"})

    assert tried.json() == {"number": None, "visits": ["V5", "V/6"]}
    assert told.json() == {"number": 1, "visits": ["V5", "V/6"]}
    assert refused.status_code == 422
    assert [each["kind"] for each in desk.client.get("/api/v1/absences").json()["items"]] == ["hospital"]


def test_who_agreed_to_what_stands_no_more_is_told_and_writes_nothing(desk: Desk) -> None:
    desk.send("/absences/new", **AWAY, agreed="yes")
    shown = desk.send("/absences/1/end", until_day="2026-10-05", until_time="17:00")
    assert 'name="standing" value="1"' in shown.text
    # Meanwhile somebody else tells another end.
    desk.send("/absences/1/end", until_day="2026-10-05", until_time="20:00", agreed="yes", standing="1")

    late = desk.send("/absences/1/end", until_day="2026-10-05", until_time="17:00", agreed="yes", standing="1")
    assert (late.status_code, len(desk.kinds())) == (409, 2)
    sent = {"service_user": "S5", "kind": "withdrawn", "since": "2026-10-05T11:30:00Z"}
    assert desk.client.post("/api/v1/absences", json=sent | {"standing": 1}).status_code == 409
    assert desk.client.post("/api/v1/absences", json=sent | {"standing": 2}).status_code == 200
