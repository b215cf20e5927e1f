"""Is a tap by telephone in the record, exactly once, through the programs as they are: the line, a broker, the gateway, the office?"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import psycopg
import pytest

from calltime_sim.house import House
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.service import free_port
from fixtures.databases import copied
from fixtures.edge_program import Running, ask, enrolled_by_hand, refusal, running
from fixtures.exchanges import SigningExchange
from fixtures.waiting import wait_until

ADDRESS = "https://care.example.org/telephone"
MARYS = "+441872555123"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[House]:
    with copied(postgres_server) as dsn, House(tmp_path_factory.mktemp("house"), database=postgres_server, dsn=dsn) as at_work:
        yield at_work


class TheLine:
    """A line that was enrolled, with one home and one carer, known here and at the office."""

    def __init__(self, folder: Path, house: House) -> None:
        self.folder, self.house = folder, house
        rows = house.office.ask("enrol", "--csv", "--line", folder.name).splitlines()
        assert rows[0] == "code,carer,home,line"
        enrolled = ask(folder, "enrol", rows[1].split(",")[0], "--server", house.server.url)
        assert enrolled.returncode == 0, enrolled.stderr
        assert f"the telephone line {folder.name}." in enrolled.stdout
        self.device = re.findall(r"d_[a-z2-7]{26}", enrolled.stdout)[0]
        number = ask(folder, "telephone", "number", "01872 555123", "SU-204").stdout
        pin = ask(folder, "telephone", "pin", "C-017").stdout
        self.pin = re.findall(r"is (\d{6})\.", pin)[0]
        for told in (number, pin):
            command = re.findall(r"calltime-server (tag|badge) (\S+) (\S+)", told)[0]
            house.office.ask(*command)
        (folder.parent / "token").write_text("the account's token\n")
        self.port = free_port()
        self.exchange = SigningExchange(address=ADDRESS, at=f"http://127.0.0.1:{self.port}", token="the account's token")

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Run it until the block ends, from when it listens."""
        variables = {
            "CALLTIME_EDGE_TELEPHONE_ADDRESS": ADDRESS,
            "CALLTIME_EDGE_TELEPHONE_LISTEN": f"127.0.0.1:{self.port}",
            "CALLTIME_EDGE_TELEPHONE_TOKEN_FILE": str(self.folder.parent / "token"),
        }
        with running(self.folder, command="telephone", variables=variables) as program:
            program.wait_until_it_logs("ready: telephone")
            yield program

    def stored(self) -> list[tuple[str, ...]]:
        with psycopg.connect(self.house.dsn) as connection:
            return connection.execute(
                "SELECT action, place_via, place_ref, place_proof, carer_via, carer_ref FROM every_tap WHERE device = %s ORDER BY seq",
                [self.device],
            ).fetchall()


@pytest.fixture
def line(tmp_path: Path, house: House) -> TheLine:
    return TheLine(tmp_path / "line-1", house)


def test_a_carer_calls_from_a_home_and_the_office_has_it_once(house: House, line: TheLine) -> None:
    with line.running() as program:
        heard = line.exchange.call(line.pin, "1", call="CA0001", caller=MARYS)
        again = line.exchange.hear(str(heard[1].action), CallSid="CA0001", From=MARYS, Digits="1")
        wait_until(lambda: len(line.stored()) == 1, within=30, what="the tap in the record")
        later = line.exchange.call(line.pin, "2", call="CA0002", caller="01872555123")
        wait_until(lambda: len(line.stored()) == 2, within=30, what="the second tap in the record")
        assert program.end() == 0

    assert re.fullmatch(r"Recorded\. You started at [a-z' ]+\. Goodbye\.", heard[-1].words)
    assert heard[-1].action is None
    assert again == heard[-1]
    assert later[-1].words.startswith("Recorded. You ended at ")
    number, pin = line.stored()[0][2], line.stored()[0][5]
    assert line.stored() == [
        ("start", "line", number, "call=CA0001", "pin", pin),
        ("stop", "line", number, "call=CA0002", "pin", pin),
    ]
    with psycopg.connect(house.dsn) as connection:
        assert connection.execute("SELECT service_user FROM tag WHERE tag = %s", [number]).fetchall() == [("SU-204",)]
        assert connection.execute("SELECT carer FROM badge WHERE uid = %s", [pin]).fetchall() == [("C-017",)]


def test_a_line_that_is_killed_after_it_confirmed_has_kept_the_tap_and_the_call_counts_once(line: TheLine) -> None:
    with line.running() as program:
        told = line.exchange.call(line.pin, "1", call="CA0003", caller=MARYS)[-1]
        program.process.kill()
        program.process.wait()
    with line.running():
        again = line.exchange.call(line.pin, "1", call="CA0003", caller=MARYS)[-1]
        wait_until(lambda: line.stored(), within=30, what="the tap in the record")

    assert again.words == told.words
    assert [row[0] for row in line.stored()] == ["start"]


def test_a_line_that_nobody_may_speak_for_refuses_and_learns_nothing(line: TheLine) -> None:
    with line.running() as program:
        said = {"CallSid": "CA0004", "From": MARYS}
        refused = [
            line.exchange.post(ADDRESS, "another token", **said)[0],
            line.exchange.post("http://care.example.org/telephone", **said)[0],  # as if a proxy had changed what was called
            line.exchange.post("https://care.example.org/elsewhere", **said)[0],
            line.exchange.post(ADDRESS, Pad="x" * 20_000, **said)[0],
        ]
        assert line.exchange.hear(ADDRESS, **said).action == f"{ADDRESS}?step=1"
        program.wait_until_it_logs("was not signed by the exchange")

    not_found, too_large = HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refused == [HTTPStatus.FORBIDDEN, HTTPStatus.FORBIDDEN, not_found, too_large]
    assert not any(secret in program.logged.read_text() for secret in (MARYS, "872555123", line.pin, "token's"))


def test_the_line_says_how_it_is_and_whom_it_knows(line: TheLine) -> None:
    with line.running():
        wait_until(lambda: "telephone: ready" in ask(line.folder, "status").stdout, within=20, what="the line to say that it is ready")
        assert "the telephone line line-1" in ask(line.folder, "status").stdout
        assert json.loads(ask(line.folder, "status", "--json").stdout)["line"] == "line-1"

    listed = ask(line.folder, "telephone", "list").stdout
    assert re.search(r"SU-204  tel_[a-z2-7]{26}\n.*C-017  pin_[a-z2-7]{26}", listed)
    assert ask(line.folder, "telephone", "forget", "01872 555123").returncode == 0
    assert "SU-204" not in ask(line.folder, "telephone", "list").stdout
    assert "nothing here is known as" in refusal(line.folder, "telephone", "forget", "C-099")


def test_a_door_of_another_kind_is_no_line_and_a_line_has_no_readers(line: TheLine, tmp_path: Path) -> None:
    other = enrolled_by_hand(tmp_path / "reader", broker="mqtt://127.0.0.1:1", home="H7")

    assert "is the reader at the home of H7, and no telephone line" in refusal(other, "telephone")
    assert "which has no readers. Start it: calltime-edge telephone" in refusal(line.folder, "run", "--nfc", "/dev/serial0")
    assert "a telephone line has none." in " ".join(ask(line.folder, "check", "--no-tag").stdout.split())
    assert "no exchange was named" in refusal(line.folder, "telephone")
    assert "is no telephone number" in refusal(line.folder, "telephone", "number", "the red one", "SU-204")


def test_what_an_asterisk_plays_is_listed_in_both_languages(tmp_path: Path) -> None:
    listed = dict(each.split("\t") for each in ask(tmp_path, "telephone", "recordings").stdout.splitlines())

    assert listed["en/started"] == "Recorded. You started at"
    assert listed["cy/number-8"] == "wyth"
