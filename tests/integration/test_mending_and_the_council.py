"""What the provider tells and what the council tells are not the same: in figures, in queues, and in who may take it back."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from calltime_server.jobs.mending import mend
from calltime_server.jobs.wishes import ENTER, Typed, Wish
from calltime_server.rights import Role
from calltime_server.store.compliance import read_deadline, read_providers
from calltime_server.store.connection import connect
from calltime_server.store.ledger import lock_now, share_now
from calltime_server.store.locking import read_lock, set_lock
from calltime_server.store.mending import Part, list_visits
from calltime_server.store.office_database import OfficeDatabase
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import Pass, csrf_of, example_terms, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay
from fixtures.waiting import wait_until

NORTH = "North Care"
EMPLOYED = "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('C2', %s, '2026-01-01', 'a test', %s)"


@pytest.fixture
def logged(small_day: SmallDay) -> SmallDay:
    """Worked out in its evening; C2, whom no door knows, works for North Care."""
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(EMPLOYED, (NORTH, EVENING))
    log_days_now(small_day.dsn, DAY)
    return small_day


def missed(dsn: str) -> dict[str, str]:
    with connect(dsn) as connection:
        found = list_visits(connection, Part(kind="missed", since=None, provider=None, now=EVENING, limit=50))
    return {row.visit_id or "": row.known_as for row in found}


def report(dsn: str, let: Pass, visit: str) -> int:
    told = {"reason": "other", "words": "A letter.", "told_at": "2026-10-01 09:00"}
    fields = {"row": missed(dsn)[visit], "way": "cancelled_by_council", **told}
    with office(dsn, let=let) as client:
        sent = client.post("/mend/queue/missed", data={"csrf": csrf_of(dsn, let), "step": "write", **fields}, follow_redirects=False)
    log_days_now(dsn, DAY, now=EVENING + timedelta(minutes=1))
    return sent.status_code


def share_of(dsn: str, provider: str) -> tuple[int, int, int, int]:
    with connect(dsn) as connection:
        (found,) = [each.share for each in read_providers(connection, first=DAY, last=DAY, zone=None) if each.provider == provider]
    return found.due, found.electronic, found.reported, found.missing


def test_what_a_provider_reports_of_itself_stays_due_until_the_council_says_so_and_can_be_withdrawn(logged: SmallDay) -> None:
    dsn, let = logged.dsn, let_in(logged.dsn, Role.PROVIDER, provider=NORTH)
    assert share_of(dsn, NORTH) == (5, 2, 0, 3)
    assert report(dsn, let, "V4") == 303
    assert share_of(dsn, NORTH) == (5, 2, 1, 2)

    with office(dsn, let=let) as client:
        assert "Cancelled" in client.get("/visits/V4").text or "cancelled" in client.get("/visits/V4").text
        page = read_page(client.get("/mend/amendments").text)
        assert [table.rows[1][1] for table in page.tables if table.caption == "Reported as not made"] != []
        (told,) = client.get("/api/v1/not-made").json()["items"]
        assert (told["visit_id"], told["by_provider"], told["then"]) == ("V4", NORTH, None)
        taken_back = client.post(f"/api/v1/not-made/{told['number']}/withdrawal", json={"why": "The letter was of another visit."})
        assert taken_back.json()["then"] == "withdrawn"
        again = client.post(f"/mend/reports/{told['number']}/withdraw", data={"csrf": csrf_of(dsn, let), "why": "Again."})
        assert again.status_code == 422
    log_days_now(dsn, DAY, now=EVENING + timedelta(minutes=2))
    assert share_of(dsn, NORTH) == (5, 2, 0, 3)


def test_what_the_council_reports_is_not_due_and_no_provider_takes_it_back(logged: SmallDay) -> None:
    dsn, let = logged.dsn, let_in(logged.dsn, Role.PROVIDER, provider=NORTH)
    assert report(dsn, let_in(dsn), "V4") == 303

    assert share_of(dsn, NORTH) == (4, 2, 0, 2)
    with office(dsn, let=let) as client:
        refused = client.post("/api/v1/not-made/1/withdrawal", json={"why": "We were there."})
        assert "only the council withdraws it" in refused.json()["detail"]
        assert "/mend/reports/1/withdraw" not in client.get("/mend/amendments").text


def test_an_entry_of_the_council_is_withdrawn_by_the_council_alone(logged: SmallDay) -> None:
    dsn, row = logged.dsn, missed(logged.dsn)["V4"]
    let, own = let_in(dsn), let_in(dsn, Role.PROVIDER, provider=NORTH)
    typed = {"row": row, "start": "11:02", "stop": "11:31", "carer": "C2"}
    with office(dsn, let=let) as client:
        wish = {"way": "enter", "reason": "forgot_both", "rows": [typed]}
        assert client.post("/api/v1/mending/missed", json=wish).status_code == 200
    with office(dsn, let=own) as client:
        refused = client.post("/api/v1/amendments/1/withdrawal", json={"why": "We say so."})
        assert "only the council withdraws it" in refused.json()["detail"]
    withdrawal = "INSERT INTO entry_withdrawn (entry, reason, noted_by, noted_at) VALUES (1, 'x', 'x', %s)"
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT set_config('calltime.provider', %s, true)", (NORTH,))
        connection.execute("SET LOCAL ROLE calltime_provider")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(withdrawal, (EVENING,))


def test_a_row_at_which_the_council_looked_still_waits_for_its_provider(logged: SmallDay) -> None:
    dsn, row, let = logged.dsn, missed(logged.dsn)["V4"], let_in(logged.dsn, Role.PROVIDER, provider=NORTH)
    with office(dsn, let=let) as client:
        wish = {"way": "looked_at", "words": "The carer was ill.", "rows": [{"row": row}]}
        assert client.post("/api/v1/mending/missed", json=wish).status_code == 200
        assert row not in client.get("/mend/queue/missed").text
        (look,) = client.get("/api/v1/looks").json()["items"]
        assert (look["words"], look["by_provider"]) == ("The carer was ill.", NORTH)
    with office(dsn, let=let_in(dsn)) as client:
        assert row in client.get("/mend/queue/missed").text
        assert "The carer was ill." in client.get("/mend/amendments").text


def test_nobody_makes_both_places_of_a_visit_and_nobody_unknown_makes_any(logged: SmallDay) -> None:
    dsn, rows = logged.dsn, missed(logged.dsn)
    with office(dsn, let=let_in(dsn)) as client:
        both = [{"row": rows[visit], "start": "09:02", "stop": "09:30", "carer": carer} for visit, carer in (("V2", "C1"), ("V4", "C 99"))]
        both[1] |= {"start": "11:02", "stop": "11:31"}
        with psycopg.connect(dsn) as connection:
            ((there,),) = connection.execute("SELECT carer FROM logged_visit WHERE visit_id = 'V2' AND carer IS NOT NULL").fetchall()
        both[0]["carer"] = there
        answer = client.post("/api/v1/mending/missed", json={"way": "enter", "reason": "forgot_both", "rows": both})

    says = {each["pointer"]: each["detail"] for each in answer.json()["errors"]}
    assert "stands at this visit already" in says["#/rows/0/carer"]
    assert "is not known to have tapped" in says["#/rows/1/carer"]


def test_officers_see_the_rows_of_locked_days_for_they_are_not_bound(logged: SmallDay) -> None:
    dsn, row = logged.dsn, missed(logged.dsn)["V4"]
    with connect(dsn) as connection:
        set_lock(connection, through=DAY, at=EVENING, by="a test", now=EVENING)
    with office(dsn, let=let_in(dsn)) as client:
        assert row in client.get("/mend/queue/missed").text
        assert "missed" in {queue["kind"] for queue in client.get("/api/v1/mending").json()["queues"]}
    with office(dsn, let=let_in(dsn, Role.PROVIDER, provider=NORTH)) as client:
        assert row not in client.get("/mend/queue/missed").text
        assert client.get("/api/v1/mending").json()["queues"] == []


def test_of_two_locks_the_one_that_comes_first_is_told_in_minutes_when_it_is_near(logged: SmallDay) -> None:
    soon, later = EVENING + timedelta(minutes=50), EVENING + timedelta(days=7)
    yesterday = DAY - timedelta(days=1)
    with connect(logged.dsn) as connection:
        set_lock(connection, through=yesterday, at=soon, by="a test", now=EVENING)
        set_lock(connection, through=DAY, at=later, by="a test", now=EVENING)
        found = read_lock(connection, now=EVENING)
        after = read_lock(connection, now=soon)
        deadline = read_deadline(connection, provider=NORTH, now=EVENING)
        set_lock(connection, through=yesterday, at=EVENING + timedelta(minutes=20), by="a test", now=EVENING)
        sooner = read_lock(connection, now=EVENING)
    assert (found.next_through, found.next_at) == (yesterday, soon)
    assert (after.through, after.next_through) == (yesterday, DAY)
    assert sooner.next_at == EVENING + timedelta(minutes=20)
    assert deadline is not None
    assert (deadline.hours_left, deadline.minutes_left) == (0, 50)
    with office(logged.dsn, let=let_in(logged.dsn, Role.PROVIDER, provider=NORTH)) as client:
        assert "That is in 20 minutes." in client.get("/mend").text


def test_a_day_that_is_not_over_locks_no_sooner_than_it_ends(logged: SmallDay) -> None:
    with office(logged.dsn, let=let_in(logged.dsn)) as client:
        refused = client.post("/api/v1/lock", json={"through": DAY.isoformat()})
        assert (refused.status_code, "not over" in refused.json()["detail"]) == (422, True)
        assert client.post("/api/v1/lock", json={"through": DAY.isoformat(), "at": "2026-10-06T12:00:00Z"}).status_code == 200
        assert client.post("/api/v1/lock", json={"through": (DAY - timedelta(days=1)).isoformat()}).status_code == 200


def ask_to_unlock(dsn: str) -> Pass:
    """North names an address and asks; the provider's pass."""
    let = let_in(dsn, Role.PROVIDER, provider=NORTH)
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO alert_setting (provider, late_minutes, email, noted_by, noted_at) VALUES (%s, 15, 'north@example.org', 'x', %s)",
            (NORTH, EVENING),
        )
    with office(dsn, let=let) as client:
        client.post("/api/v1/unlocks", json={"first_day": DAY.isoformat(), "last_day": DAY.isoformat(), "why": "A phone came back."})
    return let


def test_a_wish_to_unlock_is_seen_by_officers_and_its_answer_is_sent_to_who_asked(logged: SmallDay) -> None:
    dsn, let, officer = logged.dsn, ask_to_unlock(logged.dsn), let_in(logged.dsn)
    with office(dsn, let=let) as client:
        assert "waits for an answer" not in client.get("/today").text
    with office(dsn, let=officer) as client:
        assert "1 wish to unlock days waits for an answer." in client.get("/today").text
        assert "Asked to be unlocked (1)" in read_page(client.get("/settings/lock").text).text
        client.post("/api/v1/unlocks/1/decision", json={"open_until": "2026-10-07T12:00:00Z", "why": "For this once."})
        assert "waits for an answer" not in client.get("/today").text
    with psycopg.connect(dsn) as connection:
        sent = connection.execute("SELECT email, provider, subject FROM message").fetchall()
    subject = "Calltime: The days from 5 October 2026 to 5 October 2026 are open until 7 October 2026, 13:00"
    assert sent == [("north@example.org", NORTH, subject)]


def test_an_answer_on_the_page_is_sent_as_well(logged: SmallDay) -> None:
    ask_to_unlock(logged.dsn)
    officer = let_in(logged.dsn)
    with office(logged.dsn, let=officer) as client:
        form = {"csrf": csrf_of(logged.dsn, officer), "step": "refuse", "unlock": "1", "why": "It was paid already."}
        assert client.post("/settings/lock", data=form).url.query == b"done=1"
    with psycopg.connect(logged.dsn) as connection:
        sent = connection.execute("SELECT email, subject, body FROM message").fetchall()
    assert [(email, subject) for email, subject, _ in sent] == [
        ("north@example.org", "Calltime: The days from 5 October 2026 to 5 October 2026 stay locked")
    ]
    assert "It was paid already." in sent[0][2]


def test_an_answer_that_cannot_be_sent_is_not_given(logged: SmallDay) -> None:
    ask_to_unlock(logged.dsn)
    officer = let_in(logged.dsn)
    with psycopg.connect(logged.dsn) as connection:
        # The roles belong to the whole server, but what they may do in this database does not.
        connection.execute("REVOKE INSERT ON message FROM calltime_officer")
    # Each at an office of its own: after a fault of its own the office hangs up.
    with office(logged.dsn, let=officer) as client:
        form = {"csrf": csrf_of(logged.dsn, officer), "step": "refuse", "unlock": "1", "why": "No."}
        on_the_page = client.post("/settings/lock", data=form).status_code
    with office(logged.dsn, let=officer) as client:
        by_program = client.post("/api/v1/unlocks/1/decision", json={"why": "No."}).status_code
    with psycopg.connect(logged.dsn) as connection:
        decided = connection.execute("SELECT count(*) FROM unlock_decided").fetchone()
        told = connection.execute("SELECT count(*) FROM message").fetchone()

    assert (on_the_page, by_program) == (500, 500)
    assert (decided, told) == ((0,), (0,))


def test_ends_as_planned_are_counted_of_the_zone_that_was_asked_for(logged: SmallDay) -> None:
    dsn = logged.dsn
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "INSERT INTO entry (time, action, carer, service_user, reason, provider, visit_id, as_planned, noted_by, noted_at) "
            "VALUES (%s, 'start', 'C2', 'S4', 'forgot_in', %s, 'V4', true, 'a test', %s)",
            (datetime(2026, 10, 5, 10, tzinfo=UTC), NORTH, EVENING),
        )
        zones: dict[str, str | None] = dict(
            connection.execute("SELECT visit_id, zone FROM logged_visit WHERE provider = %s", (NORTH,)).fetchall()
        )
    with connect(dsn) as connection:
        counted = {
            zone: sum(each.as_planned for each in read_providers(connection, first=DAY, last=DAY, zone=zone))
            for zone in {*zones.values(), None, "nowhere"}
        }
    assert counted == {zone: 1 if zone in (None, zones["V4"]) else 0 for zone in counted}


def test_what_is_noted_while_days_are_settled_does_not_wait_and_is_later_than_they(logged: SmallDay) -> None:
    dsn, row = logged.dsn, missed(logged.dsn)["V4"]
    who, database = let_in(dsn).who, OfficeDatabase(dsn)
    wish = Wish(queue="missed", way=ENTER, reason="forgot_both", rows=(Typed(known_as=row, start="11:02", stop="11:31", carer="C2"),))
    with connect(dsn) as settling:
        settled_at = lock_now(settling)
        with database.as_person(who) as connection:
            assert mend(connection, wish, who, [example_terms()], clock=lambda: datetime.now(UTC)).wrongs == ()
    database.close()

    with psycopg.connect(dsn) as connection:
        noted = [at for (at,) in connection.execute("SELECT noted_at FROM entry")]
    assert len(noted) == 2
    assert min(noted) > settled_at


def test_a_settlement_waits_for_what_is_just_being_noted(logged: SmallDay) -> None:
    """Else it would say that it knew all that was noted until then, and the entry would come in behind its back."""
    dsn = logged.dsn
    settled_at: list[datetime] = []

    def settle() -> None:
        with connect(dsn) as settling:
            settled_at.append(lock_now(settling))

    with connect(dsn) as noting:
        noted_at = share_now(noting, lambda: datetime.now(UTC))
        settling = threading.Thread(target=settle)
        settling.start()
        with psycopg.connect(dsn, autocommit=True) as watching:
            waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND mode = 'ExclusiveLock')"
            wait_until(lambda: watching.execute(waits).fetchall()[0][0], within=30, what="the settlement waits for the note")
        assert settled_at == []
    settling.join(30)
    assert settled_at[0] > noted_at
