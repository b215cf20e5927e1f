"""Who sees and writes which rows? Asked of the database itself, as every role: a page that forgets to filter shows nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from calltime_server.rights import Role
from fixtures.two_providers import DAY, NOW, ONE, TWO, Side, sow

ROLES = tuple(Role)
# For each table and view, what carer, provider, officer, approver, auditor and administrator may: S(elect), I(nsert), U(pdate), D(elete);
# a small letter is of some columns alone. Which rows that are is asked below. A table that is not here fails: decide on it.
MAY = {
    "absence": "- S SI S S -",
    "alert": "- S S S S -",
    "alert_setting": "- SI SI S S -",
    "alert_told": "- S S S S -",
    "api_token": "siu siu siu siu siu siu",
    "audit": "I SI I I SI SI",
    "badge": "- SI SI S S -",
    "block": "- S SI S S -",
    "broker_password": "- sD sD - - -",
    "brought_grade": "- S SI S S -",
    "brought_visit": "- SI SI S S -",
    "carer_provider": "- SI SI S S -",
    "clock_record": "- - - - - -",
    "compliance_threshold": "- S SI S S -",
    "counted_hour": "- S S S S -",
    "day_to_log": "- SIu SIu S S -",
    "declared_loss": "- S S S S -",
    "door": "- Su Su S S -",
    "door_heard": "- S S S S -",
    "door_hour": "- - - - - -",
    "door_progress": "- S S S S -",
    "door_revoked": "- SI SI S S -",
    "enrolment": "- sI sI s s -",
    "entry": "S SI SI S S -",
    "entry_withdrawn": "- SI SI S S -",
    "every_tap": "- - - - - -",
    "forgotten": "- S S S S -",
    "gateway_key": "- - S S S -",
    "idempotent_answer": "SID SID SID SID SID SID",
    "home_called": "- SIUD SIUD S S -",
    "journey": "- S SI S S -",
    "ledger_figure": "- S S S S -",
    "ledger_line": "- S S S S -",
    "let_go": "- - - - - -",
    "lock_date": "- S SI S S -",
    "logged_day": "S S S S S S",
    "logged_figures": "- S S S S -",
    "logged_problem": "S S S S S -",
    "logged_queue": "- S S S S -",
    "logged_through": "- - - - - -",
    "logged_visit": "S S S S S -",
    "looked_at": "- SI SI S S -",
    "message": "- sIu sIu sI s sIu",
    "office_secret": "- - - - - -",
    "package": "- S SI S S -",
    "passkey": "- - - - - sD",
    "pay_period": "- S SI S S -",
    "payment_run": "- S SI S S -",
    "period_closed": "- S SI S S -",
    "person": "- - - - - siu",
    "planned_visit": "- S SIUD S S -",
    "provider": "- S SI S S -",
    "quarantine": "- - S S S -",
    "reason": "S S SI S S -",
    "receipt": "- S S S S -",
    "recovery_code": "- - - - - sD",
    "run_figure": "- S S S S -",
    "run_state": "- s SI SI S -",
    "session": "- - - - - sD",
    "settlement": "- s S S S -",
    "settlement_input": "- - S S S -",
    "sign_in_attempt": "- - - - - -",
    "sign_in_elsewhere": "- - - - - -",
    "sign_in_link": "- - - - - I",
    "standing_line": "- S S S S -",
    "tag": "- SI SI S S -",
    "tap": "- - - - - -",
    "tending": "- S S S S -",
    "terms_text": "- S S S S -",
    "unlock_asked": "- SI SI S S -",
    "unlock_decided": "- S SI S S -",
    "untimed_tap": "- - - - - -",
    "visit_report": "- SI SI S S -",
    "waiting_file": "- - SIuD - - -",
    "webhook": "- sIu sIu s s sIu",
    "work": "- SI SI SI SI SI",
    "work_file": "- S S S S S",
}
NOBODYS = frozenset(
    {
        *(
            "compliance_threshold",
            "day_to_log",
            "forgotten",
            "lock_date",
            "logged_day",
            "pay_period",
            "payment_run",
            "period_closed",
            "reason",
        ),
        *("tending", "terms_text", "run_state", "settlement"),
    }
)
"""Tables that are the same for every provider, and say nothing of any."""
KINDS = (("SELECT", "S"), ("INSERT", "I"), ("UPDATE", "U"), ("DELETE", "D"))


@pytest.fixture
def sown(database: str) -> str:
    sow(database)
    return database


@contextmanager
def acting(dsn: str, role: Role, side: Side | None = None, **settings: str) -> Iterator[psycopg.Connection[Any]]:
    """A transaction as somebody of this role, who belongs to a side where the role does. Nothing of it stays."""
    given = {"person": "", "provider": "", "carer": "", "token": ""}
    with psycopg.connect(dsn) as connection:
        if side is not None or role not in (Role.CARER, Role.PROVIDER):
            given["person"] = str(_person(connection, side)) if side else "4711"
        if side is not None and role in (Role.CARER, Role.PROVIDER):
            given["provider"] = side.provider
            given["carer"] = side.carer if role is Role.CARER else ""
        for name, value in (given | settings).items():
            connection.execute("SELECT set_config(%s, %s, true)", (f"calltime.{name}", value))
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(f"calltime_{role}")))
        yield connection
        connection.rollback()


def _person(connection: psycopg.Connection[Any], side: Side) -> int:
    found = connection.execute("SELECT person FROM person WHERE name = %s", (side.mark,)).fetchone()
    assert found is not None
    return int(found[0])


def _relations(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND relname !~ 'yoyo' ORDER BY relname"
    )
    return [name for (name,) in rows]


def _may(connection: psycopg.Connection[Any], table: str, role: Role) -> str:
    letters = ""
    for kind, letter in KINDS:
        whole = connection.execute("SELECT has_table_privilege(%s, %s, %s)", (f"calltime_{role}", table, kind)).fetchone()
        part = (False,)
        if kind != "DELETE":
            part = connection.execute("SELECT has_any_column_privilege(%s, %s, %s)", (f"calltime_{role}", table, kind)).fetchone() or part
        letters += letter if whole and whole[0] else letter.lower() if part[0] else ""
    return letters or "-"


def _seen(connection: psycopg.Connection[Any], table: str) -> str:
    """Everything that may be read of a table, as one text."""
    columns = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND has_column_privilege(attrelid, attnum, 'SELECT') ORDER BY attnum",
        (table,),
    ).fetchall()
    if not columns:
        return ""
    listed = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for (name,) in columns)
    rows = connection.execute(sql.SQL("SELECT {} FROM {}").format(listed, sql.Identifier(table))).fetchall()
    return "\n".join(" ".join(_text(value) for value in row) for row in rows)


def _text(value: str | None) -> str:
    if value is None or not value.startswith("\\x"):
        return value or ""
    return bytes.fromhex(value[2:]).decode("utf-8", "replace")


def test_somebody_has_decided_on_every_table(database: str) -> None:
    with psycopg.connect(database) as connection:
        found = {table: " ".join(_may(connection, table, role) for role in ROLES) for table in _relations(connection)}

    assert found == MAY, "decide who may do what with it, write that into the schema and into MAY, and sow a row of each side"


def test_every_table_that_somebody_may_read_has_row_level_security_or_is_nobodys(database: str) -> None:
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity "
            "AND (has_any_column_privilege('calltime_provider', oid, 'SELECT') "
            "OR has_any_column_privilege('calltime_carer', oid, 'SELECT'))"
        ).fetchall()

    assert {name for (name,) in rows} <= NOBODYS


@pytest.mark.parametrize(("own", "other"), [(ONE, TWO), (TWO, ONE)])
def test_a_provider_sees_its_own_rows_and_none_of_the_others(sown: str, own: Side, other: Side) -> None:
    readable = [table for table, may in MAY.items() if "s" in may.split()[1].lower() and table not in NOBODYS]
    token = "1" if own is ONE else "2"
    with acting(sown, Role.PROVIDER, own, token=token) as connection:
        for table in readable:
            seen = _seen(connection, table)
            assert not [mark for mark in other.marks if mark in seen], f"{table} shows {other.mark} to {own.mark}: {seen}"
            assert seen, f"{table}: nothing of its own is seen, so this proves nothing. Sow a row of each side"


def test_a_carer_sees_own_visits_and_nothing_else(sown: str) -> None:
    with acting(sown, Role.CARER, ONE) as connection:
        seen = {table: _seen(connection, table) for table, may in MAY.items() if "s" in may.split()[0].lower()}

    assert not [table for table, text in seen.items() if any(mark in text for mark in TWO.marks)]
    assert ONE.mark in seen["logged_visit"]
    assert ONE.mark in seen["entry"]


@pytest.mark.parametrize("role", [Role.CARER, Role.PROVIDER])
def test_without_settings_nothing_is_seen(sown: str, role: Role) -> None:
    with acting(sown, role) as connection:
        for table in MAY:
            seen = _seen(connection, table)
            assert not [mark for mark in (*ONE.marks, *TWO.marks) if mark in seen], f"{table} shows {seen}"


def test_an_administrator_sees_accounts_and_nobodys_visits(sown: str) -> None:
    with acting(sown, Role.ADMINISTRATOR) as connection:
        seen = {table: _seen(connection, table) for table in MAY}

    accounts = {"person", "api_token", "audit", "webhook"}
    assert {table for table, text in seen.items() if any(mark in text for mark in ONE.marks)} <= accounts
    assert "password" not in seen["person"]


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR])
def test_the_council_sees_both_and_no_secret(sown: str, role: Role) -> None:
    with acting(sown, role) as connection:
        visits = _seen(connection, "logged_visit")
        hooks = _seen(connection, "webhook")
        assert ONE.mark in visits
        assert TWO.mark in visits
        for statement in (
            "SELECT secret FROM webhook",
            "SELECT body FROM message",
            "SELECT code_digest FROM enrolment",
            "SELECT jws FROM tap",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)

    assert "example.org" in hooks


def test_nobody_reads_taps_but_those_behind_its_own_visits(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        own = connection.execute("SELECT jws FROM taps_of_visit(%s)", (ONE.visit,)).fetchall()
        others = connection.execute("SELECT jws FROM taps_of_visit(%s)", (TWO.visit,)).fetchall()
        doors = [connection.execute("SELECT FROM taps_of_door(%s, '-infinity')", (of.device,)).rowcount for of in (ONE, TWO)]

    assert own == [("jws-of_one",)]
    assert others == []
    assert doors == [1, 0]


def test_functions_answer_of_ones_own_alone(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        told = connection.execute(
            "SELECT is_own_carer(%(own_carer)s), is_own_carer(%(carer)s), is_own_service_user(%(own_home)s), "
            "is_own_service_user(%(home)s), "
            "is_locked(%(day)s, %(own)s, %(now)s), is_locked(%(day)s, %(other)s, %(now)s)",
            {
                "own_carer": ONE.carer,
                "carer": TWO.carer,
                "own_home": ONE.home,
                "home": TWO.home,
                "own": ONE.provider,
                "other": TWO.provider,
                "day": DAY,
                "now": NOW,
            },
        ).fetchone()

    # The day was opened again for both: of the other one that is not told.
    assert told == (True, False, True, False, False, True)


ATTACKS: dict[str, LiteralString] = {
    "take on another's carer": "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) "
    "VALUES (%(carer)s, %(own)s, '2026-10-01', 'x', %(now)s)",
    "say that one's carer works for another": "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) "
    "VALUES (%(own_carer)s, %(other)s, '2026-10-01', 'x', %(now)s)",
    "take another's badge": "INSERT INTO badge VALUES ('BADGE-of_two', %(own_carer)s, %(now)s)",
    "take one's badge back on a locked day": "INSERT INTO badge VALUES ('BADGE-of_one', %(own_carer)s, '2026-09-01Z')",
    "give another's carer a badge": "INSERT INTO badge VALUES ('NEW', %(carer)s, %(now)s)",
    "call another's home": "INSERT INTO home_called VALUES (%(home)s, 'M. J.', 'x', %(now)s) "
    "ON CONFLICT (service_user) DO UPDATE SET called = excluded.called",
    "hang a tag at another's home": "INSERT INTO tag VALUES ('new', %(home)s, %(now)s)",
    "a code for another's carer": "INSERT INTO enrolment (code_digest, carer, made_at, expires_at) "
    "VALUES (sha256('c'), %(carer)s, %(now)s, %(now)s)",
    "a code for another's home": "INSERT INTO enrolment (code_digest, home, made_at, expires_at) "
    "VALUES (sha256('c'), %(home)s, %(now)s, %(now)s)",
    "an end for another's carer": "INSERT INTO entry (time, action, carer, service_user, reason, noted_by, noted_at, provider) "
    "VALUES ('2026-10-06 09:00Z', 'stop', %(carer)s, %(home)s, 'forgot_out', 'x', %(now)s, %(own)s)",
    "an end in another's name": "INSERT INTO entry (time, action, carer, service_user, reason, noted_by, noted_at, provider) "
    "VALUES ('2026-10-06 09:00Z', 'stop', %(carer)s, %(home)s, 'forgot_out', 'x', %(now)s, %(other)s)",
    "withdraw another's entry": "INSERT INTO entry_withdrawn VALUES (2, 'x', 'x', %(now)s)",
    "report another's visit": "INSERT INTO visit_report (visit_id, kind, told_at, reason, noted_by, noted_at) "
    "VALUES (%(visit)s, 'no_access', %(now)s, 'x', 'x', %(now)s)",
    "an absence": "INSERT INTO absence (service_user, kind, since, noted_by, noted_at) "
    "VALUES (%(own_home)s, 'away', %(now)s, 'x', %(now)s)",
    "visits of another's system": "INSERT INTO brought_visit (provider, their_id, service_user, carer, started, noted_by, noted_at) "
    "VALUES (%(other)s, 't', %(home)s, %(carer)s, %(now)s, 'x', %(now)s)",
    "visits of another's carer": "INSERT INTO brought_visit (provider, their_id, service_user, carer, started, noted_by, noted_at) "
    "VALUES (%(own)s, 't', %(own_home)s, %(carer)s, '2026-10-06 09:00Z', 'x', %(now)s)",
    "another's alerts": "INSERT INTO alert_setting (provider, late_minutes, noted_by, noted_at) VALUES (%(other)s, 240, 'x', %(now)s)",
    "ask to unlock for another": "INSERT INTO unlock_asked (provider, first_day, last_day, why, noted_by, noted_at) "
    "VALUES (%(other)s, %(day)s, %(day)s, 'x', 'x', %(now)s)",
    "unlock for oneself": "INSERT INTO unlock_decided VALUES (1, 'infinity', 'x', 'x', %(now)s)",
    "a letter to another's webhook": "INSERT INTO message (webhook, provider, event, body, made_at, not_before) "
    "VALUES (2, %(own)s, 'run.approved', 'forged', %(now)s, %(now)s)",
    "a letter to anybody": "INSERT INTO message (email, provider, event, body, made_at, not_before) "
    "VALUES ('a@example.org', %(own)s, 'invitation', 'forged', %(now)s, %(now)s)",
    "news to everybody": "SELECT tell_webhooks('run.approved', NULL, 'forged', %(now)s)",
    "work of the council's": "INSERT INTO work (kind, asked, person, by_name, provider, asked_at) "
    "VALUES ('settle', '{}', %(person)s, 'x', %(own)s, %(now)s)",
    "work in another's name": "INSERT INTO work (kind, asked, person, by_name, provider, asked_at) "
    "VALUES ('report', '{}', 2, 'x', %(own)s, %(now)s)",
    "an audit row in another's name": "INSERT INTO audit (at, person, token, name, role, provider, did) "
    "VALUES (%(now)s, 2, 2, 'x', 'provider', %(other)s, 'looked')",
    "an audit row of another role": "INSERT INTO audit (at, person, name, role, provider, did) "
    "VALUES (%(now)s, %(person)s, 'x', 'officer', %(own)s, 'looked')",
    "a token of another's": "INSERT INTO api_token (digest, called, role, provider, scopes, made_by, made_at, expires_at) "
    "VALUES (sha256('t'), 'x', 'provider', %(other)s, '{}', %(person)s, %(now)s, %(now)s)",
    "a token of the council's": "INSERT INTO api_token (digest, called, role, scopes, made_by, made_at, expires_at) "
    "VALUES (sha256('t'), 'x', 'officer', '{}', %(person)s, %(now)s, %(now)s)",
    "another's password at brokers": "SELECT password FROM broker_password",
    "the number of rows of all": "SELECT last_value FROM entry_entry_seq",
    "a table of one's own for functions": "CREATE TABLE carer_provider_of_mine (carer text)",
    "copy into a table": "COPY entry FROM STDIN",
}


def test_a_provider_cannot_write_or_take_what_is_anothers(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        person = connection.execute("SELECT own_person()").fetchone()
        values = {
            "own": ONE.provider,
            "own_carer": ONE.carer,
            "own_home": ONE.home,
            "person": person and person[0],
            "other": TWO.provider,
            "carer": TWO.carer,
            "home": TWO.home,
            "visit": TWO.visit,
            "now": NOW,
            "day": DAY,
        }
        done = [attack for attack, statement in ATTACKS.items() if not _refused(connection, statement, values)]

    assert done == []


def _refused(connection: psycopg.Connection[Any], statement: LiteralString, values: dict[str, object]) -> bool:
    """Whether it was refused for want of a right, in words that tell nothing of the other side."""
    try:
        with connection.transaction():
            psycopg.ClientCursor(connection).execute(statement, values)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported) as refusal:
        return not [mark for mark in TWO.marks if mark in str(refusal)]
    return False


def test_an_officer_writes_no_letter_but_the_answer_to_what_a_provider_asked(sown: str) -> None:
    letter: LiteralString = (
        "INSERT INTO message (email, provider, event, body, made_at, not_before) VALUES (%(to)s, %(of)s, %(event)s, 'x', %(at)s, %(at)s)"
    )
    with psycopg.connect(sown) as connection:
        decided = connection.execute("SELECT a.provider, d.noted_at FROM unlock_decided d JOIN unlock_asked a USING (unlock)").fetchall()
        set_to: dict[str, str] = dict(connection.execute("SELECT provider, email FROM alert_setting ORDER BY number").fetchall())
    provider, at = decided[-1]
    answer = {"to": set_to[provider], "of": provider, "event": "unlock.decided", "at": at}
    forged = [
        answer | {"to": "a@example.org"},
        answer | {"event": "invitation"},
        answer | {"at": at + timedelta(seconds=1)},
        answer | {"of": "nobody"},
    ]
    with acting(sown, Role.OFFICER, None) as connection:
        assert [_refused(connection, letter, values) for values in forged] == [True] * 4
        assert not _refused(connection, letter, answer)
    with acting(sown, Role.APPROVER, None) as connection:
        assert _refused(connection, letter, answer)


def test_what_a_provider_changes_or_removes_of_anothers_stays_as_it_is(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        touched = [
            connection.execute(statement, {"now": NOW, "device": TWO.device, "own": ONE.device, "home": TWO.home}).rowcount
            for statement in (
                "UPDATE door SET revoked_at = %(now)s WHERE device = %(device)s",
                "DELETE FROM broker_password WHERE device = %(device)s",
                "UPDATE webhook SET disabled_at = %(now)s WHERE webhook = 2",
                "UPDATE api_token SET revoked_at = %(now)s WHERE token = 2",
                "UPDATE message SET tried = 0 WHERE message = 2",
                "DELETE FROM idempotent_answer WHERE token = 2",
                "UPDATE home_called SET called = 'x' WHERE service_user = %(home)s",
                "DELETE FROM home_called WHERE service_user = %(home)s",
            )
        ]
        ours = connection.execute("UPDATE door SET revoked_at = %(now)s WHERE device = %(own)s", {"now": NOW, "own": ONE.device}).rowcount
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("UPDATE door SET revoked_at = NULL WHERE device = %s", (ONE.reader,))
        again = connection.execute("UPDATE door SET revoked_at = NULL WHERE device = %s", (ONE.device,)).rowcount

    assert touched == [0] * 8
    assert ours == 1
    assert again == 0  # a revoked door comes back with a new code alone


def test_a_table_of_ones_own_does_not_fool_the_functions_that_ask_as_the_owner(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        connection.execute(
            "CREATE TEMP TABLE carer_provider AS SELECT %s AS carer, %s AS provider, date '2026-01-01' AS since", (TWO.carer, ONE.provider)
        )
        told = connection.execute("SELECT is_own_carer(%s)", (TWO.carer,)).fetchone()
        functions = connection.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace "
            "AND NOT proconfig @> ARRAY['search_path=public, pg_temp']"
        ).fetchall()

    assert told == (False,)
    assert functions == []


def test_what_the_database_knows_about_values_is_not_told(sown: str) -> None:
    with psycopg.connect(sown, autocommit=True) as connection:
        connection.execute("ANALYZE")
    with acting(sown, Role.PROVIDER, ONE) as connection:
        guesses = connection.execute(
            "SELECT tablename, attname, most_common_vals::text FROM pg_stats WHERE schemaname = 'public'"
        ).fetchall()
        running = connection.execute("SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()

    assert not [row for row in guesses if any(mark in str(row) for mark in TWO.marks)]
    assert not [query for (query,) in running if query and any(mark in query for mark in TWO.marks)]


def test_a_carers_phone_is_told_of_own_homes_and_of_tags_that_it_read_where_its_provider_visits(sown: str) -> None:
    tags = [f"tag-{ONE.mark}", f"tag-{TWO.mark}"]
    asked = ("SELECT * FROM homes_of_own(%s, %s)", "SELECT * FROM planned_of_own(%s, %s, '-infinity', 'infinity')")
    with acting(sown, Role.CARER, ONE) as connection:
        told = [connection.execute(each, (tags, NOW)).fetchall() for each in asked]
    with acting(sown, Role.CARER) as connection:
        nobody = [connection.execute(each, (tags, NOW)).fetchall() for each in asked]
    with acting(sown, Role.PROVIDER, ONE) as connection:
        for each in asked:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(each, (tags, NOW))

    assert told[0] == [(f"tag-{ONE.mark}", ONE.home, f"called-{ONE.mark}")]
    assert [visit for visit, *_ in told[1]] == [ONE.visit]
    assert nobody == [[], []]


def test_joins_copies_and_prepared_statements_show_no_more(sown: str) -> None:
    with acting(sown, Role.PROVIDER, ONE) as connection:
        joined = connection.execute(
            "SELECT v::text || l::text FROM logged_visit v FULL JOIN planned_visit p ON true FULL JOIN ledger_line l ON true "
            "WHERE p.visit_id = %(visit)s OR l.visit_id = %(visit)s OR v.visit_id = %(visit)s",
            {"visit": TWO.visit},
            prepare=True,
        ).fetchall()
        with connection.cursor().copy("COPY ledger_line TO STDOUT") as copy:
            copied = b"".join(copy).decode()

    assert joined == []
    assert ONE.mark in copied
    assert TWO.mark not in copied


def test_an_officer_cannot_approve_and_makes_no_token_of_another_role(sown: str) -> None:
    token: LiteralString = (
        "INSERT INTO api_token (digest, called, role, scopes, made_by, made_at, expires_at) "
        "VALUES (sha256('t'), 'x', %(role)s, '{}', %(person)s, %(now)s, %(now)s)"
    )
    state: LiteralString = (
        "INSERT INTO run_state (run, state, through, pence, by_role, why, at, person) VALUES (1, %(state)s, 0, 0, 'x', 'x', %(now)s, 4711)"
    )
    with acting(sown, Role.OFFICER) as connection:
        refused = [
            _refused(connection, token, {"role": "approver", "person": 4711, "now": NOW}),
            _refused(connection, token, {"role": "officer", "person": 1, "now": NOW}),
            _refused(connection, state, {"state": "approved", "now": NOW}),
        ]

    assert refused == [True, True, True]
