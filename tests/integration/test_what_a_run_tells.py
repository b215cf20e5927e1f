"""What does a run tell whoever decides: before it is closed, approved, made into files, or looked through line by line?"""

import re
from contextlib import closing
from datetime import timedelta

from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.locking import set_lock
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.run_figures import read_run_figures
from fixtures.at_the_office import NEXT_MORNING, open_and_settle, pass_for, people
from fixtures.html import read_page
from fixtures.long_work import do_all_work
from fixtures.small_day import DAY, SmallDay


def test_a_period_is_closed_only_by_who_ticks_that_it_is_for_good_and_that_it_was_not_paid_yet(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.APPROVER)) as (officer, approver):
        open_and_settle(officer, dsn)
        assert "This period cannot be closed now" in officer.get("/runs/1/close")
        officer.post("/runs/1/step", step="send", why="checked", **officer.seen(dsn, 1))
        approver.post("/runs/1/step", step="approve", why="looked through", **officer.seen(dsn, 1))

        approver.get("/runs/1/close", 403)
        asked = officer.get("/runs/1/close")
        assert "It cannot be taken back" in asked
        assert "no files were made for the finance system, so by this run nobody has been paid" in asked
        assert "Tick this if you mean it" in officer.post("/runs/1/close", 422, why="all settled", undone="1")
        assert "Tick this if the period is to be closed all the same" in officer.post("/runs/1/close", 422, why="all settled", sure="1")
        assert "State: Approved" in officer.get("/runs/1")
        assert "The pay period is closed." in officer.post("/runs/1/close", why="all settled", sure="1", undone="1")
        assert "This period is closed already." in officer.get("/runs/1/close")


def test_who_approves_is_told_until_when_the_provider_may_mend_and_what_is_parked(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.APPROVER)) as (officer, approver):
        open_and_settle(officer, dsn)
        officer.post("/runs/1/step", step="send", why="checked", **officer.seen(dsn, 1))
        with connect(dsn) as connection:
            set_lock(connection, through=DAY, at=NEXT_MORNING + timedelta(days=2), by="a test", now=NEXT_MORNING)
        prepared, to_approve = officer.get("/runs/1"), approver.get("/runs/1")

    until = "until 10:00 on Thursday 8 October 2026"
    assert "Now another person, whose role is approver, looks at the run and approves it." in prepared
    assert f"The provider has {until}" in prepared
    told, _, button = to_approve.partition("What is next")[2].partition("Why is it approved?")
    assert f"The provider was given {until}" in told
    assert "parked: " in told
    assert "Approve the run" in button


def test_a_kind_of_file_that_lacks_something_is_not_offered_and_says_where_it_is_mended(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER)) as (officer,):
        open_and_settle(officer, dsn)
        page = officer.client.get("/runs/1").text
        officer.post("/runs/1/export", formats="ubl")
        do_all_work(dsn, now=NEXT_MORNING)
        failed = officer.get("/work/2")

    assert [box for box in re.findall("<input[^>]*name=.formats[^>]*>", page) if "disabled" in box] == re.findall(
        "<input[^>]*value=.ubl.[^>]*>", page
    )
    said = read_page(page).text
    assert "ask whoever runs the server to enter the council's name and address" in said
    assert "An invoice needs the names and addresses of North Care, South & West Care" in said
    assert "No files were made, because something is missing:" in failed


def test_the_lines_that_a_filter_shows_are_counted_and_summed_and_a_settlement_leads_to_them(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER)) as (officer,):
        open_and_settle(officer, dsn)
        with closing(OfficeDatabase(dsn)) as database, database.as_office() as connection:
            figures = read_run_figures(connection, 1)
        links = read_page(officer.client.get("/work/1").text).links
        parked = officer.get("/runs/1/lines?outcome=park")
        all_of_it = officer.get("/runs/1/lines")

    assert {"/runs/1/lines", f"/visits?day={DAY}#to-mend"} <= set(links)
    assert not [link for link in links if "result.json" in link]
    lines = sum(each.lines for each in figures if each.outcome == "park")
    assert f"{lines} line" in parked.partition("Show")[2]
    pence = sum(each.pence for each in figures)
    assert f"7 lines, which come to £{pence // 100}.{pence % 100:02}" in all_of_it
