"""What becomes of a run through the pages of the office, and who may do what to it?"""

import re
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.locking import set_lock
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.run_figures import read_run_figures
from calltime_server.store.runs import read_run_facts
from fixtures.at_the_office import NEXT_MORNING, open_and_settle, pass_for, people
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.long_work import do_all_work
from fixtures.small_day import DAY, SmallDay


def test_a_period_that_cannot_be_opened_says_so_with_days_as_people_write_them(small_day: SmallDay) -> None:
    with people(small_day.dsn, pass_for(small_day.dsn, Role.OFFICER)) as (officer,):
        assert "years from 2000 to 2099 are known" in officer.post("/runs", 422, first_day="1926-10-05", last_day=str(DAY))
        assert "Choose a day." in officer.post("/runs", 422, first_day="", last_day=str(DAY))
        officer.post("/runs", first_day=str(DAY), last_day=str(DAY))
        said = officer.post("/runs", 422, first_day=str(DAY), last_day=str(DAY))

    assert "The days overlap the pay period 5 October 2026 to 5 October 2026" in said
    assert "The next one begins on 6 October 2026." in said


def test_a_run_goes_from_open_to_paid_through_forms(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.APPROVER)) as (officer, approver):
        said = officer.post("/runs", first_day=str(DAY), last_day=str(DAY))
        assert "The pay period is open" in said
        assert "Waiting" in officer.post("/runs/1/settle")
        do_all_work(dsn, now=NEXT_MORNING)
        assert "7 lines were added and 0 taken back, in run 1" in officer.get("/work/1")

        assert "The provider can look" in officer.post("/runs/1/step", step="send", why="checked", **officer.seen(dsn, 1))
        assert "The run is approved" in approver.post("/runs/1/step", step="approve", why="looked through", **officer.seen(dsn, 1))
        officer.post("/runs/1/export", formats="csv")
        do_all_work(dsn, now=NEXT_MORNING)
        assert ".csv" in officer.get("/work/2")
        assert "noted that the run was paid" in officer.post("/runs/1/step", step="paid", why="BACS 12", **officer.seen(dsn, 1))
        assert "The pay period is closed" in officer.post("/runs/1/close", why="all settled", sure="1")
        told = officer.get("/runs/1")
        assert "Settle for differences" in told
        officer.post("/runs/1/settle")
        do_all_work(dsn, now=NEXT_MORNING)
        assert "Nothing is new since these days were settled last" in officer.get("/work/3")

    became = told.partition("What became of it")[2]
    assert became.index("Its pay period was opened. ") < became.index("checked") < became.index("looked through")
    assert (
        became.index("officer (officer) written: ") < became.index("BACS 12") < became.index("Period closed officer (officer) all settled")
    )


def test_the_file_of_an_export_is_for_whoever_asked_for_it(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.AUDITOR)) as (officer, auditor):
        open_and_settle(officer, dsn)
        officer.post("/runs/1/export", formats="csv")
        do_all_work(dsn, now=NEXT_MORNING)
        name = "draft-"
        page = officer.client.get("/work/2").text
        address = next(link for link in read_page(page).links if name in link)
        assert officer.client.get(address).text.count("\n") == 8  # a heading and seven lines
        assert auditor.client.get(address).status_code == 403


def test_who_opened_or_sent_a_run_cannot_approve_it_under_another_role(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    officer_pass = pass_for(dsn, Role.OFFICER)
    with people(dsn, officer_pass) as (officer,):
        open_and_settle(officer, dsn)
        officer.post("/runs/1/step", step="send", why="checked", **officer.seen(dsn, 1))
        refused = officer.post("/runs/1/step", 403, step="approve", why="me too", **officer.seen(dsn, 1))
        assert "You are signed in as: Council officer." in refused
        assert "is for others: Approver" in refused
        assert "runs:approve" not in refused
        with psycopg.connect(dsn) as connection:
            connection.execute("UPDATE person SET role = 'approver', name = 'Somebody Else' WHERE person = %s", [officer_pass.who.id])
        said = officer.post("/runs/1/step", 422, step="approve", why="me too", **officer.seen(dsn, 1))
    assert "you cannot approve it as well: public money needs two people" in said

    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT set_config('calltime.person', %s, true)", [str(officer_pass.who.id)])
        connection.execute("SET LOCAL ROLE calltime_approver")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                """
                INSERT INTO run_state (run, state, through, pence, by_role, why, at, person)
                VALUES (1, 'approved', 7, 0, 'x', 'y', now(), %s)
                """,
                [officer_pass.who.id],
            )


def test_a_page_that_is_older_than_the_run_changes_nothing(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with people(dsn, pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.APPROVER)) as (officer, approver):
        open_and_settle(officer, dsn)
        before = officer.seen(dsn, 1)
        officer.post("/runs/1/step", step="send", why="checked", **before)
        seen = approver.seen(dsn, 1)
        with psycopg.connect(dsn) as connection:
            connection.execute("DELETE FROM planned_visit WHERE visit_id = 'V1'")
        officer.post("/runs/1/settle")
        do_all_work(dsn, now=NEXT_MORNING)

        said = approver.post("/runs/1/step", 422, step="approve", why="fine", **seen)
        assert "Run 1 has changed since you looked at it, so nothing was done" in said
        assert "Changed since the provider was shown it" in said
        assert "Reversal of line" in said
        said = approver.post("/runs/1/step", 422, step="approve", why="fine", **approver.seen(dsn, 1))
        assert "Send it again, then approve it." in said
        assert "Say why" in officer.post("/runs/1/step", 422, step="send", why=" ", **officer.seen(dsn, 1))


def test_a_provider_sees_its_own_lines_and_sums_alone(settled_day: SmallDay) -> None:
    dsn = settled_day.dsn
    own = pass_for(dsn, Role.PROVIDER, "North Care")
    with people(dsn, own) as (provider,):
        provider.get("/runs", 403)
        provider.get("/runs/1", 403)
        listed = provider.get("/statements")
        statement = provider.get("/statements/1?provider=South+%26+West+Care")
        lines = provider.client.get("/statements/1/lines.csv?provider=South+%26+West+Care").text
        day = provider.get(f"/actuals?day={DAY}")
        provider.get("/actuals/V5", 404)

    with closing(OfficeDatabase(dsn)) as database, database.as_person(own.who) as connection:
        figures = read_run_figures(connection, 1)
        pence = read_run_facts(connection, 1).pence
    assert {each.provider for each in figures} == {"North Care"}
    ours = f"£{pence // 100}.{pence % 100:02}"
    assert ours in listed
    assert f"To pay {ours}" in statement
    assert "Statement of North Care" in statement
    assert "South" not in lines + day + statement
    assert lines.count("\n") == 1 + 5


def test_lines_come_a_page_at_a_time_and_none_twice(settled_day: SmallDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calltime_server.web.runs.PAGE", 3)
    monkeypatch.setattr("calltime_server.web.day_actuals.PAGE", 3)
    with people(settled_day.dsn, pass_for(settled_day.dsn, Role.OFFICER)) as (officer,):
        for first in ("/runs/1/lines", f"/actuals?day={DAY}"):
            seen, address = [], first
            while address:
                page = read_page(officer.client.get(address).text)
                seen += [link for link in page.links if link.startswith("/actuals/V")]
                address = next((link for link in page.links if "after=" in link and "lang=" not in link), "")
            assert len(seen) == len(set(seen)) == 7


def test_what_was_mended_after_the_settlement_waits_for_the_next_and_the_run_says_which_one_corrects_it(settled_day: SmallDay) -> None:
    dsn = settled_day.dsn
    officer_of, provider_of = pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.PROVIDER, "North Care")
    waits = "The next settlement takes it in"
    with people(dsn, officer_of, provider_of) as (officer, provider):
        assert waits not in provider.get("/actuals/V3")
        with psycopg.connect(dsn) as connection:
            connection.execute(
                """
                INSERT INTO entry (time, action, carer, service_user, reason, provider, visit_id, as_planned, noted_by, noted_at)
                VALUES ('2026-10-05 10:28 Europe/London', 'stop', 'C1', 'S3', 'forgot_out', 'North Care', 'V3', false, 'a test', %s)
                """,
                (NEXT_MORNING - timedelta(hours=1),),
            )
        log_days_now(dsn, DAY, now=NEXT_MORNING)
        assert waits in provider.get("/actuals/V3")

        assert "They have no pay period" in officer.get("/runs/1")
        officer.post("/runs/1/settle")
        do_all_work(dsn, now=NEXT_MORNING)
        first, second, story = officer.get("/runs/1"), officer.get("/runs/2"), provider.get("/actuals/V3")
        statement = provider.get("/statements/1")
        both, only = officer.get("/runs/2/lines"), officer.get("/runs/2/lines?differences=1")

    assert "Run 2 takes back 1 line of this run (£0.00)." in first
    assert "Approve either both runs or neither" in first
    assert "1 line of run 1 is taken back here, of 5 Oct 2026: £0.00." in second
    assert "2 lines, which come to" in both
    assert re.search(r"Takes back line \d+ of run 1 ", only)
    assert "1 line, which comes to £0.00" in only
    assert "takes back" not in second.partition("What is next")[0]
    assert "Run 2 takes back 1 line of this run" in statement
    assert waits not in story
    assert "27 min × £18.72" in story  # 10:01:00 to 10:28:00


def test_a_provider_is_told_what_is_a_draft_and_what_it_is_asked_to_look_at_and_how_to_object(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    officer_of, provider_of = pass_for(dsn, Role.OFFICER), pass_for(dsn, Role.PROVIDER, "North Care")
    with people(dsn, officer_of, provider_of, pass_for(dsn, Role.APPROVER)) as (officer, provider, approver):
        open_and_settle(officer, dsn)
        assert "waits for an approver" not in approver.get("/today")
        assert "Draft: not sent to you yet" in provider.get("/statements")
        assert "This is a draft: it is not sent to you yet" in provider.get("/statements/1")
        officer.post("/runs/1/step", step="send", why="checked", **officer.seen(dsn, 1))
        sent, listed = provider.get("/statements/1"), provider.get("/statements")

        assert "The council asks you to look at this statement before it is approved." in sent
        assert "tell the council's payments officer the number of the line" in sent
        assert "With the provider: please look at it" in listed
        today = provider.client.get("/today").text
        assert 'href="/statements/1">The statement of ' in today
        assert 'href="/statements">' in today  # in the navigation, which names it to providers alone
        assert "Run 1, 5 Oct 2026 to 5 Oct 2026, waits for an approver" in approver.get("/today")
        assert "waits for an approver" not in officer.get("/today")
        assert 'href="/statements">' not in officer.client.get("/today").text
        narrowed = read_page(provider.client.get("/statements/1?outcome=pay").text)
        assert narrowed.tables[0].rows[0][:2] == ["Visit", "Line"]
        assert any(link.endswith("outcome=park#lines") for link in narrowed.links)
        story = provider.client.get("/actuals/V1").text
        assert story.count('href="/statements/1') == 2  # the way back, and the run in its history
        with connect(dsn) as connection:
            set_lock(connection, through=DAY, at=NEXT_MORNING + timedelta(days=2), by="a test", now=NEXT_MORNING)
        assert "look at this statement by 10:00 on Thursday 8 October 2026." in provider.get("/statements/1")
        log_days_now(dsn, DAY, now=NEXT_MORNING)
        assert "4 rows of these days are to mend." in provider.get("/today")
        assert 'href="/mend">4 rows' in provider.client.get("/visits").text
        assert 'href="/mend">4 rows' not in provider.client.get("/mend").text
        assert "is paid as a difference" not in provider.get("/today")
        with connect(dsn) as connection:
            connection.execute(
                """
                INSERT INTO run_state (run, state, through, pence, by_role, why, at)
                SELECT run, 'approved', through, pence, 'a test', 'x', %s FROM run_state ORDER BY number DESC LIMIT 1
                """,
                (NEXT_MORNING,),
            )
        assert "is approved: what is mended of these days now is paid as a difference in a later run." in provider.get("/today")
        assert "not sent to you yet" not in officer.get("/statements")
