"""What do people see of visits? Today, the visit log as a list and as time lines, one visit, and a carer's own."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import httpx
import psycopg
import pytest

from calltime_server.rights import Role
from fixtures.html import Page, read_page
from fixtures.logged import log_days_now
from fixtures.office import let_in, office
from fixtures.small_day import DAY, SmallDay

HALF_PAST_TEN = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def logged_day(small_day: SmallDay) -> SmallDay:
    log_days_now(small_day.dsn, DAY)
    return small_day


@pytest.fixture
def client(logged_day: SmallDay) -> Iterator[httpx.Client]:
    with office(logged_day.dsn) as asking:
        yield asking


def page(client: httpx.Client, address: str, *, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return read_page(answer.text)


def rows_of(page: Page, caption: str) -> list[list[str]]:
    (table,) = [table for table in page.tables if table.caption.startswith(caption)]
    return table.rows


def test_the_visit_log_says_of_each_planned_visit_who_came_and_how_it_stands(client: httpx.Client) -> None:
    assert rows_of(page(client, "/visits?day=2026-10-05"), "Carer visits in the order")[1:] == [
        ["08:00–08:30 30 min", "S1 Z1 North Care", "C1", "08:04:10 – 08:31:55", "27 min 45 s", "✓ Delivered"],
        ["09:00–09:45 45 min", "S2 Z1 North Care", "C1 1 of 2", "09:00:00 – 09:45:00", "45 min", "✓ Delivered"],
        ["09:00–09:45 45 min", "S2 Z1 North Care", "– 2 of 2", "–", "–", "✕ Nobody tapped"],
        ["10:00–10:30 30 min", "S3 Z2 North Care", "C1", "10:01:00 – no stop", "–", "! Stop missing"],
        ["11:00–11:30 30 min", "S4 Z2 North Care", "–", "–", "–", "✕ Nobody tapped"],
        ["12:00–13:00 60 min", "S5 Z3 South & West Care", "C3", "12:00:00 – 13:10:00", "70 min", "✓ Delivered"],
        ["18:00–18:15 15 min", "S5 Z3 South & West Care", "–", "–", "–", "✕ Nobody tapped"],
        ["–", "S6 South & West Care", "C3", "15:00:00 – 15:20:00", "20 min", "? Not planned"],
    ]


def test_what_is_to_mend_beside_the_visits_is_of_those_that_were_searched_for(client: httpx.Client) -> None:
    alone = page(client, "/visits?day=2026-10-05&q=S3").text
    of_zone = page(client, "/visits?day=2026-10-05&zone=Z3").text
    nothing = page(client, "/visits?day=2026-10-05&q=S1").text

    assert ("C1 started at S3" in alone, "at S6" in alone) == (True, False)
    assert "C1 started at S3" not in of_zone
    assert "started at" not in nothing


def test_without_a_day_the_latest_that_is_in_the_log_is_shown(client: httpx.Client) -> None:
    assert "Monday 5 October 2026" in page(client, "/visits").headings[1][0]


def test_a_day_that_is_not_in_the_log_says_so_and_what_to_do(client: httpx.Client, logged_day: SmallDay) -> None:
    with psycopg.connect(logged_day.dsn) as connection:
        connection.execute(
            "INSERT INTO planned_visit VALUES ('V20', 'S1', 'North Care', 'Z1', 'personal care', '2026-10-20 07:00+00', 30, 1)"
        )

    text = page(client, "/visits?day=2026-10-20").text

    assert "Tuesday 20 October 2026 is not in the visit log yet." in text
    assert "tell whoever runs the server" in text


def test_days_on_which_nothing_is_planned_are_missed_by_nobody(client: httpx.Client) -> None:
    assert "not in the visit log" not in page(client, "/visits?day=2026-09-08&until=2026-10-05").text
    assert "There is no such visit on these days." in page(client, "/visits?day=2026-09-08").text


def test_where_there_are_no_visits_the_last_day_that_has_some_is_a_click_away(client: httpx.Client, logged_day: SmallDay) -> None:
    latest = "Last day with visits: Monday 5 October 2026"

    assert latest in page(client, "/visits?day=2026-09-08").text
    assert latest in page(client, "/visits?day=2026-09-08&view=carers").text
    assert latest not in page(client, "/visits?day=2026-10-05&q=nobody").text  # there it is said that nobody is like that
    with office(logged_day.dsn, now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) as weeks_later:
        today = page(weeks_later, "/today")
        assert "Nothing is planned for today, and nothing was tapped." in today.text
        assert latest in today.text
        assert "/visits?day=2026-10-05&amp;provider=North+Care" in weeks_later.get("/today?provider=North+Care").text
        assert latest not in page(weeks_later, "/today?provider=No+Care").text


@pytest.mark.parametrize(
    ("asked", "visits"),
    [
        ("provider=North+Care&zone=Z1", ["08:00–08:30", "09:00–09:45", "09:00–09:45"]),
        ("state=missed", ["09:00–09:45", "11:00–11:30", "18:00–18:15"]),
        ("state=no_stop", ["10:00–10:30"]),
        ("delivery=delivered_over", ["12:00–13:00"]),
        ("carer=C3", ["12:00–13:00", "–"]),
        ("service_user=S5&state=delivered", ["12:00–13:00"]),
        ("q=V3", ["10:00–10:30"]),
        ("q=S6", ["–"]),
        ("q=V%2F6", ["18:00–18:15"]),
        ("amended=yes", []),
    ],
)
def test_what_is_asked_for_narrows_the_list(client: httpx.Client, asked: str, visits: list[str]) -> None:
    shown = page(client, f"/visits?day=2026-10-05&{asked}")

    tables = [table for table in shown.tables if table.caption.startswith("Carer visits in the order")]
    assert [row[0].removesuffix(" min").rsplit(" ", 1)[0] for table in tables for row in table.rows[1:]] == visits


def test_a_long_list_goes_on_behind_its_last_row(logged_day: SmallDay) -> None:
    with psycopg.connect(logged_day.dsn) as connection:
        connection.execute(
            "INSERT INTO planned_visit SELECT 'W' || n, 'S9', 'North Care', 'Z1', 'care', '2026-10-05T06:00Z', 30, 1"
            " FROM generate_series(1, 120) AS n"
        )
    log_days_now(logged_day.dsn, DAY)
    seen: list[str] = []
    with office(logged_day.dsn) as client:
        address: str | None = "/visits?day=2026-10-05&state=missed"
        while address:
            shown = page(client, address)
            seen += [link for link in shown.links if link.startswith("/visits/")]
            address = next((link for link in shown.links if "after=" in link and "lang=" not in link), None)

    assert len(seen) == len(set(seen)) == 123


def test_during_the_day_a_visit_may_still_come_or_be_under_way(logged_day: SmallDay) -> None:
    with office(logged_day.dsn, now=HALF_PAST_TEN) as client:
        log = page(client, "/visits?day=2026-10-05")

    states = [row[-1] for row in rows_of(log, "Carer visits in the order")[1:8]]
    assert states == [
        *("✓ Delivered", "✓ Delivered", "! Late, nobody there yet", "▶ Under way", "○ Still to come"),
        *("✓ Delivered", "○ Still to come"),
    ]
    assert "no stop tap has come" not in log.text
    assert "2 carers were planned for S2" not in log.text


def test_the_visit_log_names_what_is_to_mend_in_sentences(client: httpx.Client) -> None:
    text = page(client, "/visits").text

    assert "Stop missing 1 C1 started at S3 at 10:01:00 on 5 October 2026, but no stop tap has come." in text
    assert "Not planned 1 C3 was at S6" in text
    assert "names the badge lost-badge, which no carer holds" in text
    assert text.index("For the record, nothing to do") < text.index("C3 tapped start again at S5")


def test_the_picture_of_the_day_is_there_as_a_table_too(client: httpx.Client) -> None:
    rows = rows_of(page(client, "/visits"), "Carer visits by the hour")

    assert rows[0] == ["Hour", "Delivered", "Stop missing", "Nobody tapped", "Planned"]
    assert rows[1:3] == [["08:00", "1", "0", "0", "1"], ["09:00", "1", "0", "1", "2"]]
    assert rows[-1] == ["18:00", "0", "0", "1", "1"]


def test_a_provider_sees_its_own_visits_and_what_concerns_them(logged_day: SmallDay) -> None:
    let = let_in(logged_day.dsn, Role.PROVIDER, provider="South & West Care")
    with office(logged_day.dsn, let=let) as client:
        text = page(client, "/visits").text
        for address in ("/visits/V1", "/api/v1/visits/V1"):
            assert client.get(address).status_code == 404
        today = page(client, "/today?provider=North+Care").text

    assert "C3 was at S6" in text  # nobody planned it, but C3 made their visits on this day
    assert "S1" not in text
    assert "S3" not in text
    assert "Nothing is planned for today, and nothing was tapped." in today


def test_a_time_line_shows_planned_against_actual(client: httpx.Client) -> None:
    by_home = rows_of(page(client, "/visits?view=service_users"), "Planned and actual")
    by_carer = rows_of(page(client, "/visits?view=carers"), "Planned and actual")

    assert by_home[1] == ["S1", "08:00–08:30 S1", "08:04–08:31 C1 ✓ Delivered"]
    assert by_home[4] == ["S4", "11:00–11:30 S4", "11:00 – ✕ Nobody tapped"]
    assert [row[0] for row in by_carer[1:]] == ["C1", "C3"]


def test_a_visit_shows_both_ends_and_leads_to_its_payment(client: httpx.Client, logged_day: SmallDay) -> None:
    shown = page(client, "/visits/V1")

    assert rows_of(shown, "The ends of this visit")[1] == ["Start", "08:04:10", f"Tap 1 of door {logged_day.doors['C1']}", "grade 2"]
    assert "Contact time: 27 min 45 s of 30 min planned." in shown.text
    assert "/actuals/V1" in shown.links
    assert "18:00–18:15" in page(client, "/visits/V%2F6").text


def test_today_counts_and_shows_the_most_urgent_first(logged_day: SmallDay) -> None:
    with office(logged_day.dsn, now=HALF_PAST_TEN) as client:
        shown = page(client, "/today")
        here = page(client, "/today?queue=here")

    tiles = "! Late 1 ○ Due next 2 ▶ Here now 1 ✕ Missed 0 ! Start or stop missing 0 ? Not planned 1 – Not made, with a reason 0 ✓ Done 3"
    assert tiles in shown.text
    assert rows_of(shown, "Late")[1][:2] == ["90 min", "S2 Z1 North Care"]
    assert rows_of(here, "Here now")[1][:3] == ["10:01 29 min", "S3 Z2 North Care", "C1"]


def test_the_log_is_taken_away_as_csv(client: httpx.Client) -> None:
    answer = client.get("/visits.csv?day=2026-10-05&provider=North+Care")

    lines = answer.text.splitlines()
    assert lines[0].startswith("day,place,visit_id,carer_no,service_user,provider")
    assert len(lines) == 6
    assert answer.headers["Content-Disposition"] == 'attachment; filename="visits-2026-10-05.csv"'


def test_what_is_to_come_is_called_missed_nowhere_until_it_is(logged_day: SmallDay) -> None:
    """At half past ten V4, planned for eleven, may still be made; in the evening nobody has come."""
    wanted = "/visits.csv?day=2026-10-05&q=V4"
    with office(logged_day.dsn, now=HALF_PAST_TEN) as client:
        (early,) = csv.DictReader(io.StringIO(client.get(wanted).text))
        by_program = client.get("/api/v1/visits?day=2026-10-05&search=V4").json()["items"]
        asked = client.get("/api/v1/visits?day=2026-10-05&delivery=missed").json()["items"]
        seen = page(client, "/visits/V4").text
    with office(logged_day.dsn) as client:
        (late,) = csv.DictReader(io.StringIO(client.get(wanted).text))

    assert (early["state"], early["delivery"]) == ("to_come", "to_come")
    assert [visit["delivery"] for visit in by_program] == ["to_come"]
    assert "V4" not in [visit["visit_id"] for visit in asked]
    assert "Nobody tapped" not in seen
    assert (late["state"], late["delivery"]) == ("missed", "missed")


def test_a_carer_sees_her_own_visits_and_nobody_elses(logged_day: SmallDay) -> None:
    with psycopg.connect(logged_day.dsn) as connection:
        connection.execute(
            "INSERT INTO entry (time, action, carer, service_user, reason, noted_by, noted_at, provider)"
            " VALUES ('2026-10-05T09:29Z', 'stop', 'C1', 'S3', 'forgot_out', 'a coordinator', '2026-10-05T12:00Z', 'North Care')"
        )
    log_days_now(logged_day.dsn, DAY)
    with office(logged_day.dsn, let=let_in(logged_day.dsn, Role.CARER, provider="North Care", carer="C1")) as client:
        shown = page(client, "/own")
        refused = client.get("/visits").status_code

    rows = rows_of(shown, "Visits of this day")
    assert [row[0] for row in rows[1:]] == ["S1", "S2", "S3"]
    assert rows[2][5] == "28 min 5 s"  # from 08:31:55 to 09:00
    assert rows_of(shown, "Entered by hand for me")[1][3:] == [
        "Forgot to tap at the end",
        "a coordinator 13:00:00 on Monday 5 October 2026",
    ]
    assert refused == 403


@pytest.mark.parametrize(
    "asked", ["day=5.10.2026", "day=2026-02-30", "state=maybe", "day=2026-01-01&until=2026-03-01", "day=2026-02-02&until=2026-02-01"]
)
def test_what_cannot_be_read_is_answered_with_what_to_write(client: httpx.Client, asked: str) -> None:
    text = page(client, f"/visits?{asked}", status=400).text

    assert "This cannot be shown" in text
    assert "Write" in text


def test_names_are_escaped(logged_day: SmallDay) -> None:
    with psycopg.connect(logged_day.dsn) as connection:
        connection.execute("UPDATE planned_visit SET zone = '<script>alert(1)</script>'")
    log_days_now(logged_day.dsn, DAY)

    with office(logged_day.dsn) as client:
        assert "<script>alert" not in client.get("/visits").text
        assert client.get(f"/visits?q={quote('<script>')}").status_code == 200


def test_programs_get_the_same(client: httpx.Client) -> None:
    visits = client.get("/api/v1/visits?day=2026-10-05&state=missed").json()["items"]
    one = client.get("/api/v1/visits/V1").json()
    problems = client.get("/api/v1/problems?day=2026-10-05&kind=no_stop").json()["items"]
    today = client.get("/api/v1/today").json()
    as_csv = client.get("/api/v1/visits?day=2026-10-05&format=csv").text

    assert [visit["visit_id"] for visit in visits] == ["V2", "V4", "V/6"]
    assert [(row["state"], row["started"]) for row in one] == [("delivered", "2026-10-05T07:04:10Z")]
    assert [problem["visit_id"] for problem in problems] == ["V3"]
    assert (today["missed"], today["done"]) == (3, 3)
    assert len(as_csv.splitlines()) == 9


def test_a_list_of_a_program_goes_on_with_its_cursor(client: httpx.Client) -> None:
    seen, address = [], "/api/v1/visits?day=2026-10-05&limit=3"
    while address:
        part = client.get(address).json()
        seen += [visit["place"] for visit in part["items"]]
        address = part["next"]

    assert seen == [1, 2, 3, 4, 5, 6, 7, 8]


def test_live_news_is_held_back_by_no_proxy(client: httpx.Client) -> None:
    with client.stream("GET", "/live") as answer:
        first = next(answer.iter_lines())

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["Cache-Control"] == "no-store"
    assert first == "retry: 3000"
