"""Can a person see what is in quarantine, understand one message, and have it taken again when it has become good?"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from psycopg import conninfo

from calltime_gateway import gaps, looking, quarantine_commands
from calltime_gateway.figures import Figures
from calltime_gateway.quarantine_words import section
from calltime_wire.refusals import Reason
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import ARRIVAL, deliver, rows
from fixtures.waiting import wait_until


def words(command: str, *said: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command")
    quarantine_commands.understand(commands.add_parser("quarantine"), commands.add_parser("replay"))
    return parser.parse_args([command, *said])


def look(dsn: str, *said: str) -> str:
    return quarantine_commands.look(dsn, words("quarantine", *said))


def replay(dsn: str, *said: str) -> str:
    return quarantine_commands.replay(dsn, words("replay", *said), now=ARRIVAL + timedelta(days=1))


def cells(table: str) -> list[list[str]]:
    return [[cell for cell in line.split("  ") if cell] for line in table.splitlines()]


def stored(dsn: str) -> Sequence[tuple[object, ...]]:
    return rows(dsn, "SELECT device, seq FROM receipt ORDER BY device, seq")


def test_the_overview_counts_by_reason(database: str) -> None:
    assert look(database) == "Nothing is in quarantine."
    door, stranger = Door("door"), Door("stranger")
    enrol(database, door)
    deliver(database, door, "rubbish", "more rubbish")
    deliver(database, door, "rubbish")
    first = stranger.tap()
    deliver(database, stranger, first, stranger.tap())
    enrol(database, stranger)
    deliver(database, stranger, first)

    head, malformed, unknown, *_ = cells(look(database))

    assert [cell.strip() for cell in head] == ["REASON", "MESSAGES", "STORED SINCE", "ARRIVALS", "DOORS (AS CLAIMED)", "NEWEST"]
    assert [cell.strip() for cell in malformed] == ["malformed", "2", "0", "3", "1", "2025-10-06 09:00:00Z"]
    assert [cell.strip() for cell in unknown] == ["unknown door", "2", "1", "2", "1", "2025-10-06 09:00:00Z"]


def test_the_list_is_by_reason_and_door_and_says_when_there_is_more(postgres_database: str) -> None:
    one, another = Door("one"), Door("another")
    deliver(postgres_database, one, *one.taps(3))
    deliver(postgres_database, another, another.tap(), "rubbish")

    assert look(postgres_database, "--reason", "unknown door").count("unknown door") == 4
    of_one = look(postgres_database, "--device", one.device, "--lines", "2")
    assert (of_one.count(one.device), of_one.count(another.device)) == (2, 0)
    assert "the latest 2" in of_one
    assert look(postgres_database, "--reason", "fork") == "No such message is in quarantine."


def test_one_message_is_told_in_full_and_cannot_speak_to_the_terminal(postgres_database: str) -> None:
    door = Door("door")
    enrol(postgres_database, door)
    deliver(postgres_database, door, b"\x1b[2J\\x1b \xff\n")
    [(number,)] = rows(postgres_database, "SELECT id FROM quarantine")

    said = look(postgres_database, str(number))

    assert section(Reason.MALFORMED) in said
    assert door.device in said
    assert "This record is not stored." in said
    assert said.splitlines()[-1] == r"\x1b[2J\x5cx1b \xff\x0a"  # a backslash, too, so that nothing can pretend to be spelt out
    assert "".join(said.splitlines()).isprintable()


def test_a_replay_takes_what_is_asked_for_and_says_what_came_of_it(database: str) -> None:
    doors = [Door("one"), Door("another"), Door("nobody's")]
    for door in doors:
        deliver(database, door, *door.taps(2))
    enrol(database, *doors[:2])

    assert replay(database, "--reason", "fork") == "Nothing of that kind waits in quarantine: nothing was taken."
    assert replay(database, "--device", doors[0].device) == "Taken again: 2 stored now, 0 stored already, none refused."
    assert stored(database) == [(doors[0].device, 1), (doors[0].device, 2)]
    assert replay(database).splitlines() == [
        "Taken again: 2 stored now, 0 stored already, 2 refused still, which stay where they are:",
        "  unknown door: 2",
    ]


def test_a_replay_takes_one_message_by_its_number(postgres_database: str) -> None:
    door = Door("door")
    deliver(postgres_database, door, *door.taps(2))
    enrol(postgres_database, door)
    [(number,)] = rows(postgres_database, "SELECT id FROM quarantine WHERE seq = 2")

    replay(postgres_database, str(number))

    assert stored(postgres_database) == [(door.device, 2)]


def test_a_tap_that_was_refused_because_the_gateway_s_clock_was_behind_is_taken_when_a_person_says_so(postgres_database: str) -> None:
    door = Door("door")
    enrol(postgres_database, door)
    deliver(postgres_database, door, door.tap(at=ARRIVAL + timedelta(hours=1)))

    assert "time out of range: 1" in replay(postgres_database, "--reason", "time out of range")
    assert stored(postgres_database) == []
    assert replay(postgres_database, "--reason", "time out of range", "--gateway-clock-was-wrong").startswith("Taken again: 1 stored now")
    assert rows(postgres_database, "SELECT received_at FROM receipt") == [(ARRIVAL + timedelta(days=1),)]


def test_no_clock_makes_a_tap_good_that_has_still_not_happened(postgres_database: str) -> None:
    door = Door("door")
    enrol(postgres_database, door)
    deliver(postgres_database, door, door.tap(at=ARRIVAL + timedelta(days=2)))

    assert "time out of range: 1" in replay(postgres_database, "--reason", "time out of range", "--gateway-clock-was-wrong")
    assert stored(postgres_database) == []


@pytest.mark.parametrize("said", [("--reason", "dunno"), ("0",), ("x",), ("--lines", "-1")])
def test_words_that_mean_nothing_are_refused_with_those_that_do(said: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        words("quarantine", *said)

    assert re.search("They are: malformed, .*time out of range|counts from 1", capsys.readouterr().err)


def test_looking_cannot_change_anything(postgres_database: str) -> None:
    with looking.connected(postgres_database) as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("DELETE FROM quarantine")


def test_a_door_is_unreceipted_while_something_is_stored_beyond_a_gap(database: str) -> None:
    whole, open_ = Door("whole"), Door("open")
    enrol(database, whole, open_)
    deliver(database, whole, *whole.taps(3))
    missing, *others = open_.taps(3)
    deliver(database, open_, *others)
    figures = Figures()

    with gaps.counted(database, figures, pause=0.05):

        def shown(number: int) -> bool:
            return figures.registry.get_sample_value("calltime_gateway_doors_unreceipted") == number

        wait_until(lambda: shown(1), within=20, what="the open gap to be counted")
        assert gaps.told(database).splitlines()[0] == f"{open_.device}  has receipts through 0; record 1 is missing, later ones are stored"
        deliver(database, open_, missing)
        wait_until(lambda: shown(0), within=20, what="the closed gap to be counted")

    assert gaps.told(database) == "No door waits for a receipt: nothing is missing between what is stored."


def test_the_count_goes_on_after_a_fault_of_any_kind(postgres_database: str) -> None:
    figures = Figures()
    with gaps.counted(postgres_database, figures, pause=0.05):

        def shown(number: int | None) -> bool:
            return figures.registry.get_sample_value("calltime_gateway_doors_unreceipted") == number

        wait_until(lambda: shown(0), within=20, what="a first count")
        with psycopg.connect(postgres_database) as connection:
            connection.execute("ALTER TABLE door_progress RENAME COLUMN through TO thru")
        wait_until(lambda: shown(None), within=20, what="the figure to go")
        with psycopg.connect(postgres_database) as connection:
            connection.execute("ALTER TABLE door_progress RENAME COLUMN thru TO through")
        wait_until(lambda: shown(0), within=20, what="the figure to come back")


def test_a_looker_notices_a_lost_server_as_the_store_does_unless_the_dsn_says_otherwise(postgres_database: str) -> None:
    with looking.connected(conninfo.make_conninfo(postgres_database, keepalives_idle=77)) as connection:
        told = connection.info.get_parameters()

    assert (told["tcp_user_timeout"], told["target_session_attrs"], told["keepalives_idle"]) == ("10000", "read-write", "77")
