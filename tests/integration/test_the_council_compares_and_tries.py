"""Are the figures of variance those of the record and the ledger, and what do other terms and reports come to?"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from calltime_server.config import EXAMPLE_TERMS
from calltime_server.jobs.kinds_of_work import KINDS
from calltime_server.jobs.working import Council, Worker
from calltime_server.payment.terms_file import Trial, load_terms, load_to_try
from calltime_server.rights import Role
from calltime_server.store.connection import connect, fetch
from calltime_server.web.guard import COOKIE
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import csrf_of, example_terms, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

DAYS = "first=2026-10-05&last=2026-10-05"
TOMORROW = EVENING + timedelta(days=1)
TERMS = Path(EXAMPLE_TERMS).read_text(encoding="utf-8")


class Desk:
    """An officer who compares."""

    def __init__(self, dsn: str, client: httpx.Client, csrf: str) -> None:
        self.dsn, self.client, self.csrf = dsn, client, csrf

    def work(self) -> None:
        """Do what was asked for."""
        worker = Worker(self.dsn, kinds=KINDS, council=Council(terms=(example_terms(),)), now=lambda: TOMORROW)
        assert worker.work_once()


@pytest.fixture
def desk(settled_day: SmallDay) -> Iterator[Desk]:
    log_days_now(settled_day.dsn, DAY)
    let = let_in(settled_day.dsn, now=TOMORROW)
    with office(settled_day.dsn, now=TOMORROW, let=let) as client:
        client.cookies.set(COOKIE, let.session)
        yield Desk(settled_day.dsn, client, csrf_of(settled_day.dsn, let))


def test_planned_given_and_paid_are_those_of_the_small_day(desk: Desk) -> None:
    found = desk.client.get(f"/api/v1/variance?{DAYS}").json()

    north, south = (each for each in found["providers"] if each["given"]["planned"])
    # North Care: 30 + 2 × 45 + 30 + 30 min are planned; 27 min 45 s and 45 min were given, and 27 + 45 min are paid at £18.72 an hour.
    assert north["key"] == ["North Care"]
    assert (north["given"]["planned"], north["given"]["planned_minutes"], north["given"]["made"]) == (5, 180, 2)
    assert north["given"]["contact_seconds"] == 27 * 60 + 45 + 45 * 60
    assert (north["paid"]["paid_minutes"], north["paid"]["pence"], north["paid"]["parked"]) == (72, 842 + 1404, 1)
    # South & West Care: 60 + 15 min are planned; 70 min were given, and 60 min are paid.
    assert (south["given"]["planned"], south["given"]["planned_minutes"], south["given"]["contact_seconds"]) == (2, 75, 70 * 60)
    assert (south["paid"]["paid_minutes"], south["paid"]["pence"]) == (60, 1872)
    assert (south["given"]["over_5"], south["given"]["missed"]) == (1, 1)


def test_what_one_visit_was_longer_does_not_make_up_for_what_another_lacks(desk: Desk) -> None:
    found = desk.client.get(f"/api/v1/variance?{DAYS}").json()

    north, south = (each["given"] for each in found["providers"] if each["given"]["planned"])
    # 2 min 15 s of V1, 45 min of the second carer of V2, and 30 min each of V3 (no stop) and V4.
    assert (north["missing_seconds"], north["extra_seconds"]) == (135 + 60 * (45 + 30 + 30), 0)
    # Ten minutes more at V5 do not make up for the 15 of V/6.
    assert (south["missing_seconds"], south["extra_seconds"]) == (15 * 60, 10 * 60)
    assert (north["no_stop"], north["no_start"], north["told"], north["missed"]) == (1, 0, 0, 2)


def test_today_and_what_is_still_to_come_are_in_no_variance(settled_day: SmallDay) -> None:
    log_days_now(settled_day.dsn, DAY)
    with office(settled_day.dsn, let=let_in(settled_day.dsn)) as client:
        told = client.get("/api/v1/variance?first=2026-10-01&last=2026-10-31").json()
        page = read_page(client.get("/variance?first=2026-10-01&last=2026-10-31").text).text

    assert (told["last"], told["total"]["given"]["planned"]) == ("2026-10-04", 0)
    assert "There are no figures of these days" in page


def test_the_sums_of_figures_are_the_sums_of_the_standing_lines(desk: Desk) -> None:
    found = desk.client.get(f"/api/v1/variance?{DAYS}").json()

    with connect(desk.dsn) as connection:
        pence, minutes = fetch(connection, "SELECT sum(pence)::bigint, sum(paid_minutes)::bigint FROM standing_line", {})[0]
    assert (found["total"]["paid"]["pence"], found["total"]["paid"]["paid_minutes"]) == (pence, minutes)
    assert sum(each["paid"]["pence"] for each in found["zones"]) == pence


def test_a_line_that_is_taken_back_takes_its_figures_with_it(desk: Desk) -> None:
    with connect(desk.dsn) as connection:
        columns = "visit_id, carer_no, service_user, provider, zone, service, planned_start, planned_minutes, outcome, reason, explanation"
        connection.execute(
            f"INSERT INTO ledger_line (run, reverses, {columns}, contact_seconds, paid_minutes, pence) "  # noqa: S608
            f"SELECT run, line, {columns}, -contact_seconds, -paid_minutes, -pence FROM standing_line WHERE visit_id = 'V5'"
        )

    found = desk.client.get(f"/api/v1/variance?{DAYS}&zone=Z3").json()

    assert (found["total"]["paid"]["pence"], found["total"]["paid"]["paid_minutes"]) == (0, 0)


def test_the_page_tells_in_words_what_the_pictures_show(desk: Desk) -> None:
    page = read_page(desk.client.get(f"/variance?{DAYS}").text)

    tables = {table.caption: table.rows for table in page.tables}
    assert tables["Given time in per cent of planned time"][1][1:] == ["✕ 60.6 %", "✕ 0.0 %", "–"]
    assert tables["Figures of each provider"][2][:4] == ["South & West Care", "1 h 15 min", "1 h 10 min", "93.3 %"]
    assert "/visits?provider=North+Care&day=2026-10-05&until=2026-10-05" in page.links


def test_a_provider_neither_compares_nor_tries_and_yet_reads_the_terms(settled_day: SmallDay) -> None:
    with office(settled_day.dsn, let=let_in(settled_day.dsn, Role.PROVIDER, provider="North Care")) as client:
        refused = [
            client.get(path).status_code for path in ("/variance", "/terms/try", "/variance/reports/continuity", f"/api/v1/variance?{DAYS}")
        ]
        terms = client.get("/terms/from/2026-04-06")

    assert refused == [403, 403, 403, 403]
    told = read_page(terms.text).text
    assert "A short visit is paid for the minutes that were given: 27 min, £8.42" in told
    assert "A carer is paid for no more than the planned length." in told
    assert "with another reason than “Forgot to tap at the start”, “Forgot to tap at the end”," in told


def test_terms_are_tried_on_the_small_day_and_nothing_is_written(desk: Desk) -> None:
    # At £20.00 an hour, with the sums of the examples left out.
    dearer = re.sub(r"\n# Worked examples.*", "\n", TERMS, flags=re.DOTALL).replace("18.72", "20.00")
    example = (
        '[[example]]\nname = "an hour"\nplanned = "2026-04-07 08:00-09:00"\ntaps = "08:00:00 09:00:00"\npaid_minutes = 60\npence = 2000\n'
    )
    fields = {"csrf": desk.csrf, "text": dearer + example, "first": "2026-10-05", "last": "2026-10-05", "act": "try"}
    asked = desk.client.post("/terms/try", data=fields)
    assert asked.url.path == "/work/1", asked.text

    desk.work()

    page = read_page(desk.client.get("/terms/tried/1").text)
    tables = {table.caption: table.rows for table in page.tables}
    # 27 + 45 min are 900 + 1500 pence instead of 842 + 1404, and an hour is 2000 instead of 1872: 154 + 128 pence more.
    assert "Difference +£2.82" in page.text
    assert [(row[0], row[-1]) for row in tables["By provider"][1:]] == [("North Care", "+£1.54"), ("South & West Care", "+£1.28")]
    assert [row[0] for row in tables["The largest change first"][1:]] == ["V5", "V2", "V1"]
    with connect(desk.dsn) as connection:
        assert fetch(connection, "SELECT sum(pence)::bigint FROM standing_line", {}) == [(842 + 1404 + 1872,)]


def test_terms_whose_examples_do_not_come_out_are_tried_and_what_the_examples_come_to_now_is_told(desk: Desk) -> None:
    dearer = TERMS.replace('pounds_per_hour = "18.72"', 'pounds_per_hour = "20.00"')
    days = {"first": "2026-10-05", "last": "2026-10-05"}

    checked = desk.client.post("/terms/try", data={"csrf": desk.csrf, "text": dearer, "act": "check", **days})
    desk.client.post("/terms/try", data={"csrf": desk.csrf, "text": dearer, "act": "try", **days})
    desk.work()

    # 27 min × £20 ÷ 60 = £9.00 instead of £8.42.
    stale = "says 27 min and 842 pence, but these terms come to 27 min and 900 pence"
    assert checked.status_code == 200
    assert "These terms can be tried as they stand." in read_page(checked.text).text
    for page in (checked.text, desk.client.get("/terms/tried/1").text):
        tables = {table.caption: table.rows for table in read_page(page).tables}
        assert stale in tables["To mend before these terms are put in force"][1][1]
    strict = desk.client.post("/api/v1/terms/check", content=dearer.encode(), headers={"Content-Type": "application/toml"}).json()
    assert not strict["sound"]
    assert stale in strict["faults"][0]["says"]


def test_terms_without_examples_can_be_tried_and_not_put_in_force() -> None:
    bare = re.sub(r"\n# Worked examples.*", "\n", TERMS, flags=re.DOTALL)

    tried = load_to_try(bare, name="bare.toml")
    strict = load_terms(bare, name="bare.toml")

    assert isinstance(tried, Trial)
    assert isinstance(strict, tuple)
    assert [each.says for each in strict] == [
        "No worked example stands here. Add an [[example]]: what was planned and tapped, and what must come out."
    ]


def test_all_faults_of_terms_are_told_with_their_lines(desk: Desk) -> None:
    wrong = TERMS.replace("debounce_seconds = 60", "debounce_seconds = -1").replace("window_minutes = 120", 'window_minutes = "long"')

    refused = desk.client.post(
        "/terms/try", data={"csrf": desk.csrf, "text": wrong, "act": "try", "first": "2026-10-05", "last": "2026-10-05"}
    )
    checked = desk.client.post("/api/v1/terms/check", content=wrong.encode(), headers={"Content-Type": "application/toml"}).json()

    assert refused.status_code == 422
    rows = read_page(refused.text).tables[0].rows[1:]
    assert [row[1] for row in rows] == ["debounce_seconds", "window_minutes"]
    assert [str(each["line"]) for each in checked["faults"]] == [row[0] for row in rows]
    assert "debounce_seconds = -1" in refused.text


def test_a_report_is_made_in_the_background_and_shown(desk: Desk) -> None:
    fields = {"csrf": desk.csrf, "first": "2026-10-05", "last": "2026-10-05", "provider": ""}
    desk.client.post("/variance/reports/continuity", data=fields)

    desk.work()

    made = desk.client.get("/variance/made/1")
    rows = read_page(made.text).tables[0].rows[1:]
    assert rows[0][:3] == ["S1", "North Care", "1"]
    assert desk.client.get("/work/1/files/continuity.csv").text.startswith("service_user,provider,visits,carers")
    assert desk.client.get("/variance/made/2").status_code == 404


def test_savings_are_told_with_their_units_and_their_total_and_without_a_column_that_is_empty(desk: Desk) -> None:
    desk.client.post("/variance/reports/savings", data={"csrf": desk.csrf, "first": "2026-10-05", "last": "2026-10-05", "provider": ""})

    desk.work()

    table = read_page(desk.client.get("/variance/made/1").text).tables[0]
    # The example's terms have no periods.
    head = ["Zone", "Planned time", "Commissioned (£)", "Paid time", "Paid (£)", "Parked time", "Parked (£)", "Saved (£)"]
    assert table.rows[0][:-1] == head
    # 27 + 45 + 60 min are £8.42 + £14.04 + £18.72 of 30 + 2 × 45 + 30 + 30 + 60 + 15 min; V3 waits for its stop: 30 min, £9.36.
    assert table.rows[-1][:7] == ["Total", "4 h 15 min", "£79.56", "2 h 12 min", "£41.18", "30 min", "£9.36"]
    assert table.rows[-1][7] == "£29.02"  # £79.56 − £9.36 − £41.18
