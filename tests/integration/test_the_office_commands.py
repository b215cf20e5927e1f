"""What does calltime-server say, and with which exit status? The real program, on a real database."""

from __future__ import annotations

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from calltime_server.store.connection import connect, execute, fetch
from calltime_sim.services.programs import program
from fixtures.people import make_account
from fixtures.small_day import DAY, write_small_day


def office(*words: str, database: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CALLTIME_")}
    if database is not None:
        environment["CALLTIME_DATABASE"] = database
    return subprocess.run([program("calltime-server"), *words], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_day_is_settled_written_and_explained_down_to_the_signed_tap(postgres_database: str, tmp_path: Path) -> None:
    write_small_day(postgres_database)
    actuals, statement = tmp_path / "a" / "actuals.csv", tmp_path / "b" / "statement.txt"

    settled = office(*("settle", "--day", str(DAY), "--actuals", str(actuals), "--statement", str(statement)), database=postgres_database)
    explained = office("explain", "V1", database=postgres_database)

    assert settled.returncode == 0, settled.stderr
    assert "£41.18" in settled.stdout
    assert len(actuals.read_text(encoding="utf-8").splitlines()) == 1 + 7
    assert "27 min × £18.72 an hour" in statement.read_text(encoding="utf-8")
    assert explained.returncode == 0, explained.stderr
    assert "27 min 45 s of contact" in explained.stdout
    assert explained.stdout.count("signed record:") == 2


def test_a_plan_is_imported_whole_or_not_at_all(postgres_database: str, tmp_path: Path) -> None:
    good = "visit_id,service_user,provider,zone,service,start,minutes,carers\nA,s1,p,z,care,2026-10-05 08:00,30,1\n"
    (tmp_path / "good.csv").write_text(good, encoding="utf-8")
    (tmp_path / "bad.csv").write_text(good + "B,s1,p,z,care,yesterday,30,1\nC,,p,z,care,2026-10-05 08:00,0,1\n", encoding="utf-8")

    bad = office("import-plan", str(tmp_path / "bad.csv"), database=postgres_database)
    first = office("import-plan", str(tmp_path / "good.csv"), database=postgres_database)
    again = office("import-plan", str(tmp_path / "good.csv"), database=postgres_database)

    assert bad.returncode == 1
    assert "bad.csv:3: start:" in bad.stderr
    assert "bad.csv:4: service_user:" in bad.stderr
    assert "bad.csv:4: minutes:" in bad.stderr
    assert "1 new, 0 changed, 0 as before" in first.stdout
    assert "0 new, 0 changed, 1 as before" in again.stdout


def test_tags_are_made_once_and_never_move(postgres_database: str) -> None:
    write_small_day(postgres_database)

    hung = office("tag", "old-label", "S1", database=postgres_database)
    moved = office("tag", "old-label", "S2", database=postgres_database)
    listed = office("tags", "--csv", database=postgres_database)

    assert hung.returncode == 0, hung.stderr
    assert moved.returncode == 1
    assert "A tag never moves" in moved.stderr
    assert "old-label,S1,https://localhost/t/old-label" in listed.stdout.splitlines()
    assert office("tags", "--csv", database=postgres_database).stdout == listed.stdout


def test_codes_are_given_for_carers_homes_and_lines(postgres_database: str) -> None:
    given = office("enrol", "--carer", "c1", "--home", "s1", "--line", "line-1", "--csv", database=postgres_database)

    lines = given.stdout.splitlines()
    assert lines[0] == "code,carer,home,line"
    assert [line.partition(",")[2] for line in lines[1:]] == ["c1,,", ",s1,", ",,line-1"]


def test_a_home_without_a_planned_visit_is_told_since_a_door_stands_for_one_home_for_ever(postgres_database: str) -> None:
    given = office("enrol", "--home", "s-with-a-slip", database=postgres_database)

    assert given.returncode == 0, given.stderr
    assert "! No visit is planned for s-with-a-slip." in given.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("enrol",), "For whom?"),
        (("settle",), "Which days?"),
        (("settle", "--day", "2099-01-01"), "1 January 2099 is not over"),
        (("enrol", "--home", "12 High Street"), "not '12 High Street'"),
        (("import-plan",), "Which plan?"),
        (("explain", "nothing"), "no line for visit nothing"),
        (("revoke", "d_nobody"), "No door d_nobody"),
        (("quarantine", "--show", "1"), "no message 1"),
        (("settle", "--plan", "p.csv", "--out", "o"), "--taps"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why_and_what_next(postgres_database: str, words: tuple[str, ...], says: str) -> None:
    refused = office(*words, database=postgres_database)

    assert refused.returncode != 0
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


def test_settings_that_are_wrong_are_all_told() -> None:
    refused = office("status", database="mysql://x")

    assert refused.returncode == 1
    assert "CALLTIME_DATABASE must be a URI" in refused.stderr


def test_a_database_that_is_away_or_empty_is_told_in_a_sentence(postgres_server: object, tmp_path: Path) -> None:
    away = office("status", database=f"postgresql://postgres@/postgres?host={tmp_path}")

    assert away.returncode == 1
    assert "cannot be reached" in away.stderr
    assert "Traceback" not in away.stderr


def test_a_tag_or_a_badge_that_becomes_known_marks_the_days_for_the_visit_log(postgres_database: str) -> None:
    with connect(postgres_database) as connection:
        for place, kind in enumerate(("unknown_tag", "unknown_badge"), start=1):
            execute(
                connection,
                "INSERT INTO logged_problem (day, place, kind, says) VALUES (date '2026-10-04' + %(place)s, %(place)s, %(kind)s, 'Says.')",
                {"place": place, "kind": kind},
            )

    for words in (("tag", "found-one", "S1"), ("badge", "04a2", "C1")):
        assert office(*words, database=postgres_database).returncode == 0
        with connect(postgres_database) as connection:
            marked = {day for (day,) in fetch(connection, "DELETE FROM day_to_log RETURNING day", {})}
        assert {date(2026, 10, 5), date(2026, 10, 6)} <= marked


def test_a_link_stands_for_the_password_and_a_reset_takes_every_way_in_away(postgres_database: str) -> None:
    account = make_account(postgres_database)

    link = office("person", "link", account.email, database=postgres_database)
    reset = office("person", "link", account.email, "--reset", database=postgres_database)

    with connect(postgres_database) as connection:
        made = fetch(connection, "SELECT purpose FROM sign_in_link ORDER BY expires_at", {})
        left = fetch(connection, "SELECT password_hash, totp_secret FROM person", {})
        noted = fetch(connection, "SELECT name, did, about FROM audit WHERE did LIKE 'reset%%'", {})
    assert "/sign-in/link/" in link.stdout
    assert "Good once, for 15 minutes." in link.stderr
    assert "Good once, for seven days. Password and second step are set up anew by it." in reset.stderr
    assert [purpose for (purpose,) in made] == ["sign_in", "invitation"]
    assert left == [(None, None)]
    assert noted == [("the command line", "reset a second factor by command", {"person": account.who.id})]


def test_days_are_locked_for_providers_from_a_moment_on_and_not_before_they_are_over(postgres_database: str) -> None:
    locked = office("period", "lock", "2026-10-05", "--at", "2099-10-12T17:00", "--by", "the council", database=postgres_database)
    to_come = office("period", "lock", "2099-10-05", "--by", "the council", database=postgres_database)
    odd = office("period", "lock", "2026-10-05", "--at", "tomorrow", "--by", "the council", database=postgres_database)

    assert locked.returncode == 0, locked.stderr
    assert locked.stdout == "Providers amend no visits up to 5 October 2026 any more from 17:00 on 12 October 2099 on.\n"
    assert to_come.returncode == 1
    assert "5 October 2099 is not over when it is to lock." in to_come.stderr
    assert "a moment is written YYYY-MM-DDTHH:MM, not 'tomorrow'" in odd.stderr
    with connect(postgres_database) as connection:
        assert fetch(connection, "SELECT locked_through, noted_by FROM lock_date", {}) == [(date(2026, 10, 5), "the council")]
