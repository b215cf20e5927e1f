"""Does the program calltime-edge do for the person who installs a door what it says, and say so when it cannot?"""

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest

from calltime_edge import door_key
from calltime_edge.clock import SystemClock
from calltime_edge.outbox import Outbox
from calltime_sim.house import House
from calltime_sim.pn532 import Ntag213, SimulatedPn532
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.service import free_port
from calltime_wire import jws, records
from calltime_wire.records import Tap
from fixtures.databases import copied
from fixtures.edge_program import ask, enrolled_by_hand, refusal, running
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

HOME = Ntag213(uid=bytes.fromhex("04A2315AC16680"), address="https://calltime.example/t/tag-of-h7")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, postgres_server: Postgres) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with copied(postgres_server) as dsn, House(folder, database=postgres_server, dsn=dsn, embedded_broker=True) as running:
        yield running


def taps_on(folder: Path) -> list[Tap]:
    outbox = Outbox(folder / "outbox.sqlite")
    read = [records.decode(jws.split(compact).payload) for _, _, compact in reversed(outbox.log(100))]
    outbox.close()
    assert [record.data.seq for record in read] == list(range(1, len(read) + 1))
    return [record for record in read if isinstance(record, Tap)]


def test_a_door_is_enrolled_reads_a_tag_confirms_it_and_the_office_has_it(house: House, tmp_path: Path) -> None:
    code = house.office.codes(["C12"])["C12"]
    before = house.office.counts()

    enrolled = ask(tmp_path, "enrol", code, "--server", house.server.url)
    assert enrolled.returncode == 0, enrolled.stderr
    device = door_key.load_or_make(tmp_path).device
    assert f"this door is {device}, the device of carer C12. It sends to {house.broker.url}." in enrolled.stdout

    # The embedded broker knows no other version, and how a door finds that out is tested elsewhere.
    with SimulatedPn532() as chip, running(tmp_path, "--nfc", chip.port, "--mqtt", "3.1.1") as door:
        chip.present(HOME)
        door.wait_until_it_says("✓ Started ")
        chip.remove()  # held on for as long as the office takes to answer, it would say that the carer waits
        wait_until(lambda: house.office.counts().taps == before.taps + 1, within=30, what="the tap in the record")
        wait_until(lambda: "the office has it" in ask(tmp_path, "log", "--lines", "1").stdout, within=30, what="the receipt")
        assert door.end() == 0

    [tap] = taps_on(tmp_path)
    newest = json.loads(ask(tmp_path, "log", "--json").stdout.splitlines()[0])
    assert newest["place"] == "tag-of-h7"
    assert newest["state"] == "stored"
    assert tap.data.clock.sync == SystemClock().read().sync
    assert house.office.counts().quarantined == before.quarantined


def test_a_door_that_starts_again_goes_on_with_its_chain_and_knows_who_is_inside(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path, broker=f"mqtt://127.0.0.1:{free_port()}")
    with SimulatedPn532() as chip:
        chip.present(HOME)
        with running(folder, "--nfc", chip.port) as door:
            door.wait_until_it_says("✓ Started ")
            assert door.end() == 0
        with running(folder, "--nfc", chip.port) as door:
            door.wait_until_it_says("• Already started ")
            assert door.end() == 0

    assert len(taps_on(folder)) == 1


def test_without_a_broker_and_without_its_reader_a_door_runs_says_so_and_ends_when_told(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path, broker="mqtt://broker.invalid")
    with running(folder, "--nfc", str(tmp_path / "ttyS7"), "--code", str(tmp_path / "ttyACM7")) as door:
        door.wait_until_it_logs("cannot be reached")
        door.wait_until_it_logs(f"The NFC reader at {tmp_path / 'ttyS7'} does not answer")
        door.wait_until_it_logs(f"The QR scanner at {tmp_path / 'ttyACM7'} does not answer")
        assert door.end() == 0


def test_two_programs_cannot_be_the_same_door(tmp_path: Path) -> None:
    enrolled_by_hand(tmp_path, broker="mqtt://127.0.0.1:1")
    with running(tmp_path, "--nfc", "/dev/no-such-port") as first:
        first.wait_until_it_logs("cannot be reached")

        assert "another door runs with" in refusal(tmp_path, "run", "--nfc", "/dev/no-such-port")
        assert first.end() == 0


def test_the_broker_says_of_a_killed_door_that_it_is_offline(tmp_path: Path, mosquitto: Mosquitto) -> None:
    folder = tmp_path / "edge"
    with (
        ScriptedGateway(mosquitto, answers_every=1) as gateway,
        SimulatedPn532() as chip,
        running(enrolled_by_hand(folder, broker=mosquitto.url), "--nfc", chip.port) as door,
    ):
        wait_until(lambda: [status.online for status in gateway.statuses] == [True], within=20, what="the door to be online")
        door.process.kill()
        wait_until(lambda: [status.online for status in gateway.statuses] == [True, False], within=20, what="its will")

    assert gateway.statuses[0].readers in ({}, {f"NFC reader at {chip.port}": "ready"})
    assert gateway.statuses[0].software.startswith("calltime-edge ")


def test_a_code_that_was_never_given_out_is_refused(house: House, tmp_path: Path) -> None:
    said = refusal(tmp_path, "enrol", "WRONGCODE2", "--server", house.server.url)

    assert "never given out, is too old, or another door has used it. Ask the office for a new one." in said


def test_a_code_that_another_door_has_used_is_refused(house: House, tmp_path: Path) -> None:
    code = house.office.codes(["C13"])["C13"]
    assert ask(tmp_path / "one", "enrol", code, "--server", house.server.url).returncode == 0

    assert "another door has used it" in refusal(tmp_path / "two", "enrol", code, "--server", house.server.url)


def test_a_code_that_is_too_old_is_refused(house: House, tmp_path: Path) -> None:
    code = house.office.codes(["C14"])["C14"]
    with psycopg.connect(house.dsn) as connection:
        connection.execute("UPDATE enrolment SET expires_at = now() WHERE carer = 'C14'")

    assert "is too old" in refusal(tmp_path, "enrol", code, "--server", house.server.url)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{free_port()}"

    said = refusal(tmp_path, "enrol", "ABCDEFGHJK", "--server", server)
    assert f"The server {server} did not answer as expected" in said
    assert said.endswith("Check its address and this door's network.\n")


def test_something_else_in_place_of_the_server_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def be_something_else() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(10_000)
                line.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")

        other = threading.Thread(target=be_something_else)
        other.start()
        said = refusal(tmp_path, "enrol", "ABCDEFGHJK", "--server", f"http://127.0.0.1:{listening.getsockname()[1]}")
        other.join(10)

    assert "did not answer as expected (SSH-2.0-OpenSSH_9.2p1" in said


@pytest.mark.parametrize("server", ["care.example.org", "care.example.org:8000", "ftp://care.example.org", "http://care.example.org:port"])
def test_a_server_that_is_no_address_is_told(tmp_path: Path, server: str) -> None:
    assert server in refusal(tmp_path, "enrol", "ABCDEFGHJK", "--server", server)


def test_a_door_that_is_not_enrolled_says_how_to_enrol_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, "run", "--nfc", "/dev/ttyS0")

    assert (
        said == "calltime-edge: This door is not enrolled yet. Ask for a one-time code, then: calltime-edge enrol CODE --server ADDRESS\n"
    )


@pytest.mark.parametrize(
    ("written", "because"),
    [
        ({"broker": "http://broker.example.org"}, "names 'http://broker.example.org' as the broker"),
        ({"broker": "broker.example.org"}, "names 'broker.example.org' as the broker"),
        ({"broker": "mqtt://broker.example.org:70000"}, "that is no address (Port out of range 0-65535)"),
        ({"gateway_key": "AAAA"}, "is damaged (An Ed25519 public key has 32 bytes; this has 3.)"),
        ({"home": "H7"}, "names neither one carer nor one home"),
        ({"device": "d_" + "a" * 26}, "The enrolment is for door d_aaaa"),
        ({"carer": "Anna Müller"}, "is damaged ("),
    ],
)
def test_an_enrolment_that_cannot_be_used_is_told_before_the_first_tap(tmp_path: Path, written: dict[str, str], because: str) -> None:
    kept = enrolled_by_hand(tmp_path, broker="mqtt://127.0.0.1") / "enrolment.json"
    kept.write_bytes(msgspec.json.encode(msgspec.json.decode(kept.read_bytes()) | written))

    assert because in refusal(tmp_path, "run", "--nfc", "/dev/ttyS0")


def test_a_door_without_a_reader_says_how_to_name_one(tmp_path: Path) -> None:
    said = refusal(tmp_path, "run")

    assert said == "calltime-edge: no reader was named. Name one in the settings, or: calltime-edge run --nfc /dev/serial0\n"


def test_a_folder_that_cannot_be_written_is_told() -> None:
    # In /proc not even root can make a folder.
    said = refusal(Path("/proc/calltime-edge"), "run", "--nfc", "/dev/ttyS0")

    assert said.startswith("calltime-edge: /proc/calltime-edge cannot be used (")
    assert said.endswith("Check that it can be written and that the disk has room.\n")


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "door.key").write_text("half a k")

    assert "To go on, move the whole folder away" in refusal(tmp_path, "run", "--nfc", "/dev/ttyS0")


def test_a_door_whose_key_is_gone_makes_no_other_beside_its_outbox_and_still_shows_its_log(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path, broker="mqtt://127.0.0.1")
    Outbox(folder / "outbox.sqlite").close()
    (folder / "door.key").unlink()

    for words in (("run", "--nfc", "/dev/ttyS0"), ("enrol", "ABCDEFGHJK", "--server", "http://127.0.0.1")):
        said = refusal(folder, *words)
        assert f"{folder / 'door.key'} is gone" in said
        assert "If it was only moved, put it back." in said
    assert ask(folder, "log").returncode == 0
    assert not (folder / "door.key").exists()


def test_the_log_of_a_door_that_never_ran_says_so_and_makes_no_outbox(tmp_path: Path) -> None:
    done = ask(tmp_path, "log")

    assert done.returncode == 0
    assert done.stdout.startswith(f"Nothing was recorded in {tmp_path} yet.")
    assert list(tmp_path.iterdir()) == []
