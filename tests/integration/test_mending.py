"""How is what is missing mended by hand, without inventing a time, and by nobody who may not?"""

import re
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from calltime_server.rights import Role
from calltime_server.store.connection import connect
from calltime_server.store.mending import Part, count_queues, list_problems, list_rows, list_visits
from calltime_server.store.office_database import OfficeDatabase
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import Pass, csrf_of, let_in, office
from fixtures.small_day import DAY, EVENING, SmallDay

NORTH, SOUTH = "North Care", "South & West Care"


@pytest.fixture
def logged(small_day: SmallDay) -> SmallDay:
    """The small day, worked out in its evening: V3 lacks its stop, nobody tapped for V4, V/6 and one of the two of V2."""
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES ('C2', %s, '2026-01-01', 'a test', %s)",
            (NORTH, EVENING),
        )
    log_days_now(small_day.dsn, DAY)
    return small_day


def rows_of(dsn: str, kind: str) -> dict[str, str]:
    """By visit the names of the rows of a queue."""
    with connect(dsn) as connection:
        found = list_visits(connection, Part(kind=kind, since=None, provider=None, now=EVENING, limit=50))
    return {row.visit_id or "": row.known_as for row in found}


def north(dsn: str) -> Pass:
    return let_in(dsn, Role.PROVIDER, provider=NORTH)


def send(client: httpx.Client, let: Pass, dsn: str, queue: str, step: str, **fields: str | list[str]) -> httpx.Response:
    return client.post(f"/mend/queue/{queue}", data={"csrf": csrf_of(dsn, let), "step": step, "way": "enter", **fields})


def post(client: httpx.Client, let: Pass, dsn: str, address: str, **fields: str) -> httpx.Response:
    """Send a form and follow where it leads. (The client would leave the cookie behind.)"""
    answer = client.post(address, data={"csrf": csrf_of(dsn, let), **fields}, follow_redirects=False)
    return client.get(answer.headers["Location"]) if answer.is_redirect else answer


def entries(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn) as connection:
        query = "SELECT time, action, carer, service_user, reason, provider, as_planned, noted_by FROM entry ORDER BY entry"
        return connection.execute(query).fetchall()


def test_the_queues_say_how_many_rows_wait_and_since_when(logged: SmallDay) -> None:
    with office(logged.dsn, let=north(logged.dsn)) as client:
        page = read_page(client.get("/mend").text)

    (queues,) = page.tables
    assert [row[:2] for row in queues.rows[1:3]] == [["Nobody tapped", "2"], ["Stop missing", "1"]]


def test_a_missing_stop_is_shown_before_it_is_written_and_then_stands_beside_the_tap(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        checked = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_out", **{f"stop.{row}": "10:28"})
        assert "Nothing is written yet" in checked.text
        assert "C1: 10:01:00 – no stop Stop 10:28" in read_page(checked.text).text
        assert entries(logged.dsn) == []
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
        assert rows_of(logged.dsn, "no_stop") == {}

    at = datetime(2026, 10, 5, 9, 28, tzinfo=UTC)
    assert entries(logged.dsn) == [(at, "stop", "C1", "S3", "forgot_out", NORTH, False, "provider North Care")]
    log_days_now(logged.dsn, DAY, now=EVENING + timedelta(minutes=1))
    with psycopg.connect(logged.dsn) as connection:
        visit = connection.execute("SELECT delivery, contact_seconds, amended FROM logged_visit WHERE visit_id = 'V3'").fetchone()
        figures = connection.execute("SELECT sum(electronic), sum(amended) FROM logged_figures WHERE provider = %s", (NORTH,)).fetchone()
    assert visit == ("delivered_short", 27 * 60, True)
    assert figures == (2, 1)  # V1 and one of V2 were tapped; V3 counts against compliance


def test_a_chosen_row_without_a_time_is_refused_and_nothing_is_put_in_for_it(logged: SmallDay) -> None:
    """With another row beside it whose time is good: all faults at once, and nothing at all is written."""
    let, missed = north(logged.dsn), rows_of(logged.dsn, "missed")
    good = {f"start.{missed['V2']}": "09:02", f"stop.{missed['V2']}": "09:40", f"carer.{missed['V2']}": "C2"}
    with office(logged.dsn, let=let) as client:
        answer = send(client, let, logged.dsn, "missed", "write", row=[missed["V4"]], **good)

    assert answer.status_code == 422
    text = read_page(answer.text).text
    assert "S4, 5 Oct: Write the time of the start" in text
    assert "S4, 5 Oct: Write which carer it was" in text
    assert "Choose a reason from the council's list" in text
    assert 'value="09:02"' in answer.text
    assert entries(logged.dsn) == []


def test_what_was_entered_exactly_as_planned_is_taken_and_flagged(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "missed")["V4"]
    typed = {f"start.{row}": "11:00", f"stop.{row}": "11:30", f"carer.{row}": "C2"}
    with office(logged.dsn, let=let) as client:
        assert (
            "exactly as planned: the council sees that"
            in send(client, let, logged.dsn, "missed", "check", reason="forgot_both", **typed).text
        )
        send(client, let, logged.dsn, "missed", "write", reason="forgot_both", **typed)
        assert "⚑ exactly as planned" in client.get("/mend/amendments").text

    assert [entry[6] for entry in entries(logged.dsn)] == [True, True]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("10:00", "10:00 is no end to it"),
        ("half past", "is not a time of day"),
        ("25:00", "is not a time of day"),
        ("23:30", "This lies in the future"),
    ],
)
def test_a_time_that_cannot_be_is_refused(logged: SmallDay, typed: str, says: str) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        answer = send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": typed})

    assert answer.status_code == 422
    assert says in answer.text
    assert entries(logged.dsn) == []


def test_nobody_mends_a_visit_of_another_provider_by_its_row(logged: SmallDay) -> None:
    let, row = let_in(logged.dsn, Role.PROVIDER, provider=SOUTH), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        answer = send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})

    assert answer.status_code == 422
    assert re.search(r"\bS3\b", answer.text) is None
    assert entries(logged.dsn) == []


def test_who_comes_second_to_the_same_row_is_told_and_writes_nothing(logged: SmallDay) -> None:
    let, other, row = north(logged.dsn), north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
    with office(logged.dsn, let=other) as client:
        answer = send(client, other, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:29"})

    assert answer.status_code == 422
    assert "somebody has mended it" in answer.text
    assert len(entries(logged.dsn)) == 1


def test_an_archived_reason_is_not_taken_and_still_told_where_it_was_given(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    officer = let_in(logged.dsn, Role.OFFICER)
    with office(logged.dsn, let=officer) as client:
        done = post(client, officer, logged.dsn, "/settings/reasons", change="weather", step="archive")
        assert "The reason weather was written down" in done.text
    with office(logged.dsn, let=let) as client:
        assert 'value="weather"' not in client.get("/mend/queue/no_stop").text
        answer = send(client, let, logged.dsn, "no_stop", "write", reason="weather", **{f"stop.{row}": "10:28"})

    assert answer.status_code == 422
    assert "offers the reason “The weather” no more" in answer.text


def test_a_reason_that_says_nothing_by_itself_needs_words(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        answer = send(client, let, logged.dsn, "no_stop", "write", reason="other", **{f"stop.{row}": "10:28"})

    assert answer.status_code == 422
    assert "Write in a sentence what it was" in answer.text


def test_locked_days_are_not_amended_until_the_council_opens_them(logged: SmallDay) -> None:
    tomorrow, row = EVENING + timedelta(days=1), rows_of(logged.dsn, "no_stop")["V3"]
    let = let_in(logged.dsn, Role.PROVIDER, provider=NORTH, now=tomorrow)
    officer = let_in(logged.dsn, Role.OFFICER, now=tomorrow)
    with office(logged.dsn, now=tomorrow, let=officer) as client:
        done = post(client, officer, logged.dsn, "/settings/lock", step="lock", through="2026-10-05")
        assert "Days up to Monday 5 October 2026 are locked" in done.text
    with office(logged.dsn, now=tomorrow, let=let) as client:
        answer = send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
        assert "5 October 2026 is locked for providers" in answer.text
        assert "Nothing is to mend" in client.get("/mend").text
        ask = {"first_day": "2026-10-05", "last_day": "2026-10-05", "why": "The phone was lost."}
        assert "Not answered yet" in post(client, let, logged.dsn, "/mend/unlock", **ask).text
    with office(logged.dsn, now=tomorrow, let=officer) as client:
        grant = {"step": "grant", "unlock": "1", "until": "2026-10-07T12:00", "why": "For this once."}
        assert "Open until 12:00:00 on Wednesday 7 October 2026" in post(client, officer, logged.dsn, "/settings/lock", **grant).text
    with office(logged.dsn, now=tomorrow, let=let) as client:
        assert "Stop missing" in client.get("/mend").text
        assert row in client.get("/mend/queue/no_stop").text
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
        assert row not in client.get("/mend/queue/no_stop").text

    assert len(entries(logged.dsn)) == 1


def test_the_database_itself_refuses_an_entry_for_a_locked_day(logged: SmallDay) -> None:
    with psycopg.connect(logged.dsn) as connection:
        connection.execute("INSERT INTO lock_date (locked_through, noted_by, noted_at) VALUES (%s, 'a test', %s)", (DAY, EVENING))
        connection.execute("SELECT set_config('calltime.provider', %s, true)", (NORTH,))
        connection.execute("SET LOCAL ROLE calltime_provider")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO entry (time, action, carer, service_user, reason, provider, noted_by, noted_at) "
                "VALUES (%s, 'stop', 'C1', 'S3', 'forgot_out', %s, 'a test', %s)",
                (EVENING, NORTH, EVENING),
            )


def test_why_a_visit_was_not_made_is_reported_once_for_both_of_its_carers(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "missed")["V4"]
    fields: dict[str, str | list[str]] = {
        "row": [row],
        "way": "no_access",
        "reason": "client_refused_access",
        "told_at": "2026-10-05T11:20",
    }
    with office(logged.dsn, let=let) as client:
        send(client, let, logged.dsn, "missed", "write", **fields)

    with psycopg.connect(logged.dsn) as connection:
        told = connection.execute("SELECT visit_id, kind, told_at, reason FROM visit_report").fetchall()
    assert told == [("V4", "no_access", datetime(2026, 10, 5, 10, 20, tzinfo=UTC), "The service user did not open")]
    assert rows_of(logged.dsn, "missed").keys() == {"V2", "V/6"}


def test_when_the_office_was_told_is_never_made_up(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "missed")["V4"]
    with office(logged.dsn, let=let) as client:
        answer = send(client, let, logged.dsn, "missed", "write", row=[row], way="no_access", reason="client_refused_access")

    assert answer.status_code == 422
    assert "Write the day and the time at which the office was told" in answer.text


def test_a_problem_that_was_looked_at_leaves_its_queue(logged: SmallDay) -> None:
    let = let_in(logged.dsn, Role.OFFICER)
    with connect(logged.dsn) as connection:
        (badge,) = list_problems(connection, Part(kind="unknown_badge", since=None, provider=None, now=EVENING, limit=5))
    with office(logged.dsn, let=let) as client:
        fields: dict[str, str | list[str]] = {"row": [badge.known_as], "way": "looked_at", "words": "An old badge; it was thrown away."}
        send(client, let, logged.dsn, "unknown_badge", "write", **fields)
        assert "Nothing is left in this queue" in client.get("/mend/queue/unknown_badge").text


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=30)], ids=["today", "when its day changes no more"])
def test_as_many_rows_are_counted_as_are_listed(logged: SmallDay, later: timedelta) -> None:
    council, provider = let_in(logged.dsn, Role.OFFICER), north(logged.dsn)
    with connect(logged.dsn) as connection:
        (badge,) = list_problems(connection, Part(kind="unknown_badge", since=None, provider=None, now=EVENING, limit=5))
    with office(logged.dsn, let=council) as client:
        for kind, row in (("unknown_badge", badge.known_as), ("no_stop", rows_of(logged.dsn, "no_stop")["V3"])):
            send(client, council, logged.dsn, kind, "write", row=[row], way="looked_at", words="Seen.")
    now, database = EVENING + later, OfficeDatabase(logged.dsn)

    for who, kinds in ((council.who, {"missed"}), (provider.who, {"missed", "no_stop"})):
        with database.as_person(who) as connection:
            queues = count_queues(connection, since=None, locking=(None, None), provider=None, now=now)
            for queue in queues:
                part = Part(kind=queue.kind, since=None, provider=None, now=now, limit=50)
                assert queue.count == len(list_rows(connection, part)), queue
        told = {queue.kind for queue in queues}
        assert told & {"missed", "no_stop", "unknown_badge"} == kinds
    database.close()


def test_the_row_of_an_unknown_badge_leads_to_where_it_is_given_to_its_carer(logged: SmallDay) -> None:
    with connect(logged.dsn) as connection:
        (badge,) = list_problems(connection, Part(kind="unknown_badge", since=None, provider=None, now=EVENING, limit=5))
    assert badge.reference is not None
    assert badge.reference in badge.says

    with office(logged.dsn, let=let_in(logged.dsn, Role.OFFICER)) as client:
        assert f'href="/carers?badge={badge.reference}"' in client.get("/mend/queue/unknown_badge").text
        assert f'value="{badge.reference}"' in client.get(f"/carers/C1?badge={badge.reference}").text


def test_the_row_of_an_unknown_tag_names_carer_and_door_and_leads_to_hanging_that_tag(logged: SmallDay) -> None:
    with psycopg.connect(logged.dsn) as connection:
        connection.execute("DELETE FROM tag WHERE tag = 'tag-of-S3'")
    log_days_now(logged.dsn, DAY, now=EVENING + timedelta(minutes=1))
    with office(logged.dsn, let=let_in(logged.dsn, Role.OFFICER)) as client:
        page = client.get("/mend/queue/unknown_tag").text
        assert "/doors/tags/hang?tag=tag-of-S3" in page
        assert "Carer C1" in page
        assert f"/doors/{logged.doors['C1']}" in page
        assert 'value="tag-of-S3"' in client.get("/doors/tags/hang?tag=tag-of-S3").text


def test_a_carer_of_somebody_else_is_only_said_not_to_be_known_to_work_here_and_can_be_noted(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "missed")["V4"]
    typed = {f"start.{row}": "11:02", f"stop.{row}": "11:31", f"carer.{row}": "C3"}
    with office(logged.dsn, let=let) as client:
        offered = client.get("/mend/queue/missed").text
        answer = send(client, let, logged.dsn, "missed", "check", reason="forgot_both", **typed)
        form = client.get("/carers/new?carer=C3").text
        own = send(client, let, logged.dsn, "missed", "check", reason="forgot_both", **typed | {f"carer.{row}": "C1"})

    assert '<option value="C1"></option><option value="C2">' in offered
    assert "by hand, carer C1" in read_page(own.text).text  # noted for nobody, and made visits here
    assert "“C3” is not known to work for you." in read_page(answer.text).text
    assert "to have tapped" not in answer.text  # C3 did, for another provider
    assert 'href="/carers/new?carer=C3"' in answer.text
    assert 'value="C3"' in form


def test_before_it_is_written_somebody_is_told_that_the_carer_tapped_elsewhere_in_that_time(logged: SmallDay) -> None:
    let, row = let_in(logged.dsn, Role.OFFICER), rows_of(logged.dsn, "missed")["V4"]
    typed = {"reason": "forgot_both", f"start.{row}": "11:02", f"carer.{row}": "C3"}  # C3 was at S5 from 12:00 to 13:10
    with office(logged.dsn, let=let) as client:
        beside = send(client, let, logged.dsn, "missed", "check", **typed, **{f"stop.{row}": "11:31"})
        over = send(client, let, logged.dsn, "missed", "check", **typed, **{f"stop.{row}": "12:05"})

    assert "in two homes at once" not in beside.text
    assert "The carer was at S5 then 12:00:00 – 13:10:00" in read_page(over.text).text
    assert "A carer would be in two homes at once" in over.text


def test_a_withdrawn_entry_stays_and_counts_no_more(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
        done = post(client, let, logged.dsn, "/mend/amendments/1/withdraw", why="It was the day before.")
        assert "Withdrawn: It was the day before." in done.text
        again = post(client, let, logged.dsn, "/mend/amendments/1/withdraw", why="Again.")
        assert again.status_code == 422

    assert len(entries(logged.dsn)) == 1
    assert rows_of(logged.dsn, "no_stop") == {"V3": row}


def test_another_provider_does_not_find_an_amendment_by_its_number(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_out", **{f"stop.{row}": "10:28"})
    other = let_in(logged.dsn, Role.PROVIDER, provider=SOUTH)
    with office(logged.dsn, let=other) as client:
        assert client.get("/mend/amendments/1/withdraw").status_code == 404
        assert re.search(r"\bS3\b", client.get("/mend/amendments").text) is None


def test_who_has_only_to_look_may_not_mend(logged: SmallDay) -> None:
    with office(logged.dsn, let=let_in(logged.dsn, Role.AUDITOR)) as client:
        assert client.get("/mend").status_code == 403
        assert client.get("/mend/amendments").status_code == 200


def test_compliance_sets_the_providers_beside_one_another_for_the_council_alone(logged: SmallDay) -> None:
    tomorrow = EVENING + timedelta(days=1)
    with office(logged.dsn, now=tomorrow, let=let_in(logged.dsn, Role.OFFICER, now=tomorrow)) as client:
        page = read_page(client.get("/compliance?first=2026-10-05").text)
    assert [row[:3] + row[-3:-2] for row in page.tables[0].rows[1:]] == [
        ["North Care", "5", "40.0 % 2", "60.0 % 3"],
        ["South & West Care", "2", "50.0 % 1", "50.0 % 1"],
    ]
    let = let_in(logged.dsn, Role.PROVIDER, provider=NORTH, now=tomorrow)
    with office(logged.dsn, now=tomorrow, let=let) as client:
        assert SOUTH.partition("&")[0] not in client.get("/compliance?first=2026-10-05").text


def test_a_reason_that_the_terms_do_not_pay_for_is_marked_and_told_before_anything_is_written(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        queue = client.get("/mend/queue/no_stop").text
        looked = send(client, let, logged.dsn, "no_stop", "check", reason="weather", **{f"stop.{row}": "10:28"})
        paid = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_out", **{f"stop.{row}": "10:28"})

    assert "The weather – not paid by the terms" in queue
    assert "Forgot to tap at the end – not paid by the terms" not in queue
    warns = "The terms do not pay for an end that is entered with this reason"
    assert (warns in looked.text, warns in paid.text) == (True, False)


def test_the_one_tap_of_a_visit_may_be_told_to_be_its_stop_and_stays_as_it_was_signed(logged: SmallDay) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        both = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_in", **{f"start.{row}": "09:32", f"stop.{row}": "10:28"})
        assert "If the one tap was the stop, write the start alone" in both.text
        checked = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_in", **{f"start.{row}": "09:32"})
        assert "The tap at 10:01:00 is read as the stop." in read_page(checked.text).text
        send(client, let, logged.dsn, "no_stop", "write", reason="forgot_in", **{f"start.{row}": "09:32"})
    log_days_now(logged.dsn, DAY, now=EVENING + timedelta(minutes=1))

    at = datetime(2026, 10, 5, 8, 32, tzinfo=UTC)
    assert [row[:2] for row in entries(logged.dsn)] == [(at, "start")]
    with psycopg.connect(logged.dsn) as connection:
        query = "SELECT started, ended, amended, delivery FROM logged_visit WHERE visit_id = 'V3'"
        assert connection.execute(query).fetchone() == (at, datetime(2026, 10, 5, 9, 1, tzinfo=UTC), True, "delivered_short")
        assert connection.execute("SELECT count(*) FROM logged_problem WHERE kind = 'read_as_stop'").fetchone() == (1,)
        queue = connection.execute("SELECT kind, provider, rows FROM logged_queue WHERE kind = 'read_as_stop' ORDER BY provider").fetchall()
    assert queue == [("read_as_stop", "", 1), ("read_as_stop", NORTH, 1)]  # somebody looks at it
    with office(logged.dsn, let=let) as client:
        assert "is read as the stop" in client.get("/mend/queue/read_as_stop").text


@pytest.mark.parametrize(("typed", "says"), [("10:00", "counts as the same tap"), ("08:59", "lies too far from a visit that began then")])
def test_a_start_before_the_one_tap_is_refused_with_which_it_would_not_be_read_as_the_stop(logged: SmallDay, typed: str, says: str) -> None:
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        looked = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_in", **{f"start.{row}": typed})

    assert (looked.status_code, says in looked.text) == (422, True)


@pytest.mark.parametrize("device", ["office", "brought"])
def test_a_lone_start_that_was_tapped_at_no_door_is_never_said_to_be_the_stop(logged: SmallDay, device: str) -> None:
    with psycopg.connect(logged.dsn) as connection:
        query = "UPDATE logged_visit SET start_device = %s, started = '2026-10-05 09:25Z' WHERE visit_id = 'V3'"
        connection.execute(query, (device,))
    let, row = north(logged.dsn), rows_of(logged.dsn, "no_stop")["V3"]
    with office(logged.dsn, let=let) as client:
        queue = client.get("/mend/queue/no_stop").text
        looked = send(client, let, logged.dsn, "no_stop", "check", reason="forgot_in", **{f"start.{row}": "10:00"})

    assert "it may be the stop" not in queue
    assert "was tapped at no door" in looked.text


def test_what_was_looked_at_is_taken_off_the_count_of_whose_the_row_is_now(logged: SmallDay) -> None:
    with psycopg.connect(logged.dsn) as connection:
        connection.execute("DELETE FROM day_to_log")
        connection.execute(
            """
            INSERT INTO looked_at (known_as, kind, day, provider, words, noted_by, noted_at)
            SELECT known_as, lacks, day, 'whose it was', 'seen', 'an officer', %s FROM logged_visit WHERE visit_id = 'V3'
            """,
            (EVENING,),
        )
    with connect(logged.dsn) as connection:  # days later: by then rows are not counted one by one any more
        later = EVENING + timedelta(days=9)
        found = [count_queues(connection, since=None, locking=(None, None), provider=each, now=later) for each in (None, NORTH)]
    assert ["no_stop" in {queue.kind for queue in queues} for queues in found] == [False, False]
