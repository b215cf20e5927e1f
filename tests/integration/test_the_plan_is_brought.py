"""Does a file change exactly what was shown before it was taken?"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest

from calltime_server.jobs.bring_file import would_change
from calltime_server.jobs.difference import Difference
from calltime_server.jobs.take_file import take_as_looked_at
from calltime_server.rights import Role
from calltime_server.store import ledger
from calltime_server.store.connection import DatabaseAway, connect, execute, fetch
from calltime_server.store.noting import one_file_at_a_time
from calltime_server.store.periods import open_period
from calltime_server.store.runs import change_state
from calltime_server.store.waiting_files import WaitingFile
from calltime_server.web.guard import COOKIE
from fixtures.html import Page, read_page
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

PLAN = """\
visit_id,service_user,provider,zone,service,start,minutes,carers
V1,S1,North Care,Z1,personal care,2026-10-05 08:00,45,1
V2,S2,North Care,Z1,personal care,2026-10-05 09:00,45,2
V9,S9,North Care,Z1,personal care,2026-10-05 18:00,30,1
"""
JUST_V9 = PLAN.splitlines()[0] + "\n" + PLAN.splitlines()[3] + "\n"


class Desk:
    """Somebody who brings files by the forms of the pages."""

    def __init__(self, dsn: str, client: httpx.Client, let: Pass) -> None:
        self.dsn, self.client, self.csrf = dsn, client, csrf_of(dsn, let)
        client.cookies.set(COOKIE, let.session)  # a header of the client's own would be lost where it is sent on

    def bring(self, csv: str, *, what: str = "plan", removing: bool = False) -> httpx.Response:
        fields = {"csrf": self.csrf, "what": what, **({"removing": "yes"} if removing else {})}
        return self.client.post("/plan/bring", data=fields, files={"file": ("plan.csv", csv.encode(), "text/csv")})

    def take(self, shown: httpx.Response) -> httpx.Response:
        found = re.search(r'name="digest" value="(\w+)"', shown.text)
        assert found, shown.text
        return self.client.post(shown.url.path, data={"csrf": self.csrf, "digest": found[1]})

    def planned(self) -> dict[str, tuple[object, ...]]:
        with connect(self.dsn) as connection:
            return {row[0]: row[1:] for row in fetch(connection, "SELECT * FROM planned_visit", {})}


@pytest.fixture
def desk(small_day: SmallDay) -> Iterator[Desk]:
    let = let_in(small_day.dsn)
    with office(small_day.dsn, let=let) as client:
        yield Desk(small_day.dsn, client, let)


def tables(response: httpx.Response) -> dict[str, list[list[str]]]:
    page: Page = read_page(response.text)
    return {table.caption: table.rows[1:] for table in page.tables}


def test_what_a_plan_would_change_is_shown_and_nothing_is_written(desk: Desk) -> None:
    before = desk.planned()

    shown = desk.bring(PLAN)

    assert shown.status_code == 200
    assert tables(shown)["Rows that stand already and say something else in the file"] == [["V1", "minutes : 30 min → 45 min"]]
    assert [row[0] for row in tables(shown)["Rows that are new"]] == ["V9"]
    assert "Unchanged 1" in read_page(shown.text).text
    assert desk.planned() == before


def test_what_was_shown_is_what_is_taken(desk: Desk) -> None:
    before = desk.planned()

    taken = desk.take(desk.bring(PLAN))

    after = desk.planned()
    assert "1 added, 1 changed, 0 removed, 1 unchanged." in read_page(taken.text).text
    assert set(after) - set(before) == {"V9"}
    assert {visit for visit, row in before.items() if after[visit] != row} == {"V1"}
    assert after["V1"][5] == 45


def test_a_day_whose_plan_changed_is_looked_at_anew(desk: Desk) -> None:
    desk.take(desk.bring(PLAN))

    with connect(desk.dsn) as connection:
        assert date(2026, 10, 5) in [day for (day,) in fetch(connection, "SELECT day FROM day_to_log", {})]


def test_visits_that_are_not_in_the_file_go_only_where_that_was_asked_for(desk: Desk) -> None:
    kept = desk.take(desk.bring(PLAN))
    assert "0 removed" in kept.text
    assert {"V3", "V4", "V5", "V/6"} <= set(desk.planned())

    shown = desk.bring(PLAN, removing=True)
    assert [row[0] for row in tables(shown)["Rows that stand and are not in the file"]] == ["V3", "V4"]
    desk.take(shown)

    # Those of the other provider, which the file does not name, stay.
    assert set(desk.planned()) == {"V1", "V2", "V9", "V5", "V/6"}


def test_what_changed_since_it_was_looked_at_is_shown_again_and_not_taken(desk: Desk) -> None:
    first, second = desk.bring(PLAN), desk.bring(JUST_V9)
    desk.take(second)

    late = desk.take(first)

    assert late.status_code == 409
    assert "The plan or the agreements have changed since you looked" in late.text
    assert desk.planned()["V1"][5] == 30
    again = desk.take(late)
    assert "0 added, 1 changed" in again.text


def test_a_form_that_is_sent_twice_takes_the_file_once(desk: Desk) -> None:
    shown = desk.bring(PLAN)

    first, second = desk.take(shown), desk.take(shown)

    assert first.status_code == second.status_code == 200
    assert "1 added, 1 changed" in second.text


def test_whoever_takes_a_file_waits_for_no_settlement(desk: Desk) -> None:
    shown = desk.bring(PLAN)
    in_csv = {"Content-Type": "text/csv"}
    with connect(desk.dsn) as settling:
        ledger.lock_now(settling)  # and is not through for the rest of this test
        desk.client.timeout = httpx.Timeout(10)
        taken = desk.take(shown)
        by_program = desk.client.post("/api/v1/plan/files/plan?dry_run=false", content=JUST_V9.replace("18:00", "19:00"), headers=in_csv)

    assert "1 added, 1 changed" in taken.text
    assert by_program.json()["changed"] == 1
    assert {"V1", "V9"} <= set(desk.planned())


def test_what_is_agreed_while_days_are_settled_is_later_than_what_they_knew(desk: Desk) -> None:
    """So that the same settlement, worked out again by what was known then, comes to the same."""
    head = "from_home,to_home,least_minutes\n"
    with connect(desk.dsn) as settling:
        settled = ledger.lock_now(settling)
        moments = iter((settled, settled + timedelta(seconds=1)))
        waiting = WaitingFile(
            file=1, what="journey", name="ways.csv", sha256="", content=f"{head}S1,S2,12\n".encode(), removing=False,
            brought_at=settled, expires_at=settled, taken_at=None, says="",
        )  # fmt: skip
        with connect(desk.dsn) as taking:
            digest = found.digest if isinstance(found := would_change(taking, waiting.content, "journey", now=settled), Difference) else ""
            take_as_looked_at(taking, waiting, digest=digest, by="a test", clock=lambda: next(moments))

    with connect(desk.dsn) as connection:
        assert fetch(connection, "SELECT noted_at > %(settled)s FROM journey", {"settled": settled}) == [(True,)]


def test_two_that_take_files_at_once_do_so_one_after_the_other(desk: Desk) -> None:
    with connect(desk.dsn) as first, connect(desk.dsn) as second:
        one_file_at_a_time(first)
        execute(second, "SET lock_timeout = '100ms'", {})
        with pytest.raises(DatabaseAway, match="lock timeout"):
            one_file_at_a_time(second)
        second.rollback()


def test_all_faults_are_told_at_once_with_line_and_column(desk: Desk) -> None:
    wrong = PLAN.replace("08:00,45,1", "25:00,45,0").replace("V9,", "V2,")

    refused = desk.bring(wrong)

    assert refused.status_code == 422
    places = [(row[0], row[1]) for row in tables(refused)["What is wrong in the file"]]
    assert places == [("2", "start"), ("2", "carers"), ("4", "visit_id")]
    assert "has 3 faults, so nothing was taken" in read_page(refused.text).text


def test_a_form_without_file_and_kind_names_both(desk: Desk) -> None:
    refused = desk.client.post("/plan/bring", data={"csrf": desk.csrf})

    assert refused.status_code == 422
    assert "No file was chosen" in refused.text
    assert "What the file holds was not chosen" in refused.text


def test_a_visit_with_taps_that_changes_is_warned_of(desk: Desk) -> None:
    with connect(desk.dsn) as connection:
        execute(
            connection,
            """
            INSERT INTO logged_visit (day, place, visit_id, carer_no, provider, start_device, delivery)
            VALUES ('2026-10-05', 1, 'V1', 1, 'North Care', 'd_x', 'no_stop')
            """,
            {},
        )

    shown = desk.bring(PLAN)

    assert "1 visit that changes or goes has taps or a line in the ledger already" in read_page(shown.text).text
    assert "Taps or lines are there" in read_page(shown.text).text


def test_a_visit_on_a_day_whose_run_was_approved_is_warned_of_with_that_day(desk: Desk) -> None:
    before = read_page(desk.bring(PLAN).text).text
    with connect(desk.dsn) as connection:
        ledger.lock(connection)
        period = open_period(connection, first_day=DAY, last_day=DAY, by="Payments Officer", now=EVENING)
        for state, by in (("with_provider", "Payments Officer"), ("approved", "Head of Finance")):
            change_state(connection, period.run, to=state, by=by, why="the day is over", now=EVENING)

    shown = desk.bring(PLAN)

    assert "pay period" not in before
    assert "1 day of these visits lies in a pay period whose run was approved, paid or closed: 5 Oct 2026." in read_page(shown.text).text


def test_columns_are_called_as_in_the_file(desk: Desk) -> None:
    new = next(table for table in read_page(desk.bring(PLAN).text).tables if table.caption == "Rows that are new")

    assert new.rows[0] == PLAN.splitlines()[0].split(",")


def test_packages_show_their_old_and_new_and_only_those_are_written(desk: Desk) -> None:
    head = (
        "package,service_user,provider,service,starts,ends,agreed_minutes,contingency_minutes,budget_pounds,outcome,exceptional,"
        "health_percent,fund_holder,charge_percent\n"
    )
    one = "P1,S1,North Care,personal care,2026-04-06,,600,,,,,,,\n"
    two = "P2,S2,North Care,personal care,2026-04-06,,300,,,,,,,\n"
    desk.take(desk.bring(head + one + two, what="package"))

    shown = desk.bring(head + one + two.replace("300", "360"), what="package")
    taken = desk.take(shown)

    assert tables(shown)["Rows that stand already and say something else in the file"] == [
        ["P2", "agreed_minutes : 5 h 00 min → 6 h 00 min"]
    ]
    assert "0 added, 1 changed, 0 removed, 1 unchanged." in taken.text
    with connect(desk.dsn) as connection:
        assert fetch(connection, "SELECT package, agreed_minutes FROM package ORDER BY number", {}) == [
            ("P1", 600),
            ("P2", 300),
            ("P2", 360),
        ]
    assert "6 h 00 min" in desk.client.get("/plan/agreed/packages").text


def test_a_provider_sees_its_own_plan_and_brings_nothing(small_day: SmallDay) -> None:
    let = let_in(small_day.dsn, Role.PROVIDER, provider="North Care")
    with office(small_day.dsn, let=let) as client:
        plan = read_page(client.get("/plan").text)
        form = client.get("/plan/bring")
        fields = {"csrf": csrf_of(small_day.dsn, let), "what": "plan"}
        sent = client.post("/plan/bring", data=fields, files={"file": ("plan.csv", PLAN.encode(), "text/csv")})

    assert [row[0] for row in plan.tables[0].rows[1:]] == ["V1", "V2", "V3", "V4"]
    assert form.status_code == sent.status_code == 403


def test_nobody_takes_the_file_of_somebody_else(desk: Desk) -> None:
    shown = desk.bring(PLAN)
    other = let_in(desk.dsn)
    with office(desk.dsn, let=other) as client:
        looked = client.get(shown.url.path)

    assert looked.status_code == 404


def test_the_plan_is_searched_by_provider_and_by_visit(desk: Desk) -> None:
    def visits(address: str) -> list[str]:
        return [row[0] for row in read_page(desk.client.get(address).text).tables[0].rows[1:]]

    assert visits("/plan?provider=South+%26+West+Care") == ["V5", "V/6"]
    assert visits("/plan?first=2026-10-01&last=2026-10-31&sought=S5") == ["V5", "V/6"]
    assert "No visit is planned that fits" in desk.client.get("/plan?first=2026-11-01&last=2026-11-02").text
    assert desk.client.get("/plan?first=2026-11-31").status_code == 400


def test_a_program_that_tries_a_file_is_told_what_then_is_written(desk: Desk) -> None:
    def send(query: str, csv: str = PLAN) -> httpx.Response:
        return desk.client.post(f"/api/v1/plan/files/plan{query}", content=csv.encode(), headers={"Content-Type": "text/csv"})

    before = desk.planned()
    tried = send("").json()
    assert (tried["written"], tried["added"], tried["changed"], tried["unchanged"]) == (False, 1, 1, 1)
    assert desk.planned() == before
    other = send("?dry_run=false&digest=" + tried["digest"], csv=JUST_V9)
    taken = send("?dry_run=false&digest=" + tried["digest"]).json()
    faulty = send("?dry_run=false", csv=PLAN.replace("08:00", "soon"))

    assert other.status_code == 409
    assert {**taken, "written": False} == tried
    assert set(desk.planned()) - set(before) == {"V9"}
    assert send("?rows=0").json()["first_added"] == []
    assert [each["detail"][:7] for each in faulty.json()["errors"]] == ["Line 2:"]
    listed = desk.client.get("/api/v1/plan?first=2026-10-05&last=2026-10-05&limit=2").json()
    assert [each["visit_id"] for each in listed["items"]] == ["V1", "V2"]
    assert [each["visit_id"] for each in desk.client.get(listed["next"]).json()["items"]] == ["V3", "V4"]
