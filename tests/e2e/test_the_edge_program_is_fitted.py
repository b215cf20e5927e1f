"""Can an installer follow what calltime-edge says: what to do next, how the door is, what was tapped, and that it has forgotten all?"""

import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from calltime_edge import opening
from calltime_edge.readers.sightings import Tag
from calltime_sim.pn532 import Ntag213, SimulatedPn532
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.service import free_port
from fixtures.doors import DOOR, DoorAtWork
from fixtures.edge_program import ask, enrolled_by_hand, refusal, running
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

HOME = Ntag213(uid=bytes.fromhex("04A2315AC16680"), address="https://calltime.example/t/tag-of-h7")
NOBODY = 65534


def unfolded(text: str) -> str:
    """Without the line breaks that fit it to a terminal."""
    return " ".join(text.split())


def with_taps(folder: Path) -> Path:
    """A door that was enrolled and has three records that nobody has taken yet: a boot, a start and a stop."""
    enrolled_by_hand(folder, broker=f"mqtt://127.0.0.1:{free_port()}")
    door = DoorAtWork(folder, carer="C12")
    door.clock.now = datetime.now(UTC)
    door.agent.begin()
    door.sees(Tag(via="nfc", ref="tag-of-h7"))
    door.clock.wait(minutes=30)
    door.sees(Tag(via="nfc", ref="tag-of-h7"))
    door.outbox.close()
    return folder


def test_a_new_machine_is_told_step_by_step_what_to_do(tmp_path: Path) -> None:
    done = ask(tmp_path / "new", "check", "--no-tag")

    assert done.returncode == 1
    said = unfolded(done.stdout)
    assert "✗ enrolment This door is not enrolled yet. → Ask the office for a one-time code, then: calltime-edge enrol CODE" in said
    assert "✗ reader No reader is named. → Name each under [[reader]] in the settings." in said
    assert "– broker Not looked for" in said
    assert not (tmp_path / "new" / "door.key").exists()


def test_a_tag_is_read_and_its_grade_shown_and_nothing_is_recorded(tmp_path: Path, mosquitto: Mosquitto) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=mosquitto.url)
    with SimulatedPn532() as chip, ScriptedGateway(mosquitto, answers_every=1) as gateway:
        chip.present(HOME)
        (tmp_path / "door.toml").write_text(f'[[reader]]\nkind = "pn532"\nport = "{chip.port}"\n')
        said = unfolded(ask(folder, "check", "--wait", "20", config=tmp_path / "door.toml").stdout)
        assert gateway.statuses == []

    assert f"✓ broker {mosquitto.url} lets this door in: MQTT 5, NOT encrypted." in said
    assert f"✓ reader NFC reader at {chip.port}: ready." in said
    assert "✓ tag A tag without a proof (such as NTAG 213): tag-of-h7. Grade 2: it can be copied." in said
    assert not (folder / "outbox.sqlite").exists()


def test_check_says_which_part_of_the_way_to_the_broker_is_missing(tmp_path: Path) -> None:
    nobody = f"mqtt://127.0.0.1:{free_port()}"
    said = unfolded(ask(enrolled_by_hand(tmp_path / "one", broker=nobody), "check", "--no-tag").stdout)
    assert "✓ network 127.0.0.1 is 127.0.0.1." in said
    assert f"✗ broker The broker {nobody} cannot be reached" in said

    said = unfolded(ask(enrolled_by_hand(tmp_path / "two", broker="mqtts://broker.invalid"), "check", "--no-tag").stdout)
    assert "✗ network The name broker.invalid was not found" in said


def test_a_running_door_says_how_it_is_and_check_asks_it_instead_of_its_readers(tmp_path: Path, mosquitto: Mosquitto) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=mosquitto.url, home="H7")
    with ScriptedGateway(mosquitto, answers_every=1), SimulatedPn532() as chip, running(folder, "--nfc", chip.port) as door:
        shown = {f"NFC reader at {chip.port}": "ready"}
        wait_until(lambda: heard(folder).get("readers") == shown and heard(folder)["online"], within=20, what="the door's own word")

        # On a machine with much else to do the chip may answer late, and the door looks for it again.
        ready = f"reader NFC reader at {chip.port}: ready"
        wait_until(lambda: ready in unfolded(ask(folder, "status").stdout), within=20, what="the reader to be ready for people, too")
        said = unfolded(ask(folder, "status").stdout)
        assert said.startswith(f"door {DOOR.device}, the reader at the home of H7 link online, MQTT 5")
        checked = unfolded(ask(folder, "check").stdout)
        assert "✓ broker The running door is connected." in checked
        assert "– tag Not tried: the running door has the readers." in checked
        assert "sudo systemctl stop calltime-edge" in checked
        (tmp_path / "door.toml").write_text('[[reader]]\nkind = "pn532"\nport = "/dev/another"\n')
        other = ask(folder, "check", "--records-may-be-lost", config=tmp_path / "door.toml")
        assert other.returncode == 1
        assert "✗ reader NFC reader at /dev/another: not looked for yet. → journalctl -u calltime-edge" in unfolded(other.stdout)
        assert door.end() == 0

    assert "no door runs with" in refusal(folder, "status")


def heard(folder: Path) -> dict[str, object]:
    said = ask(folder, "status", "--json").stdout
    return dict(json.loads(said)["status"]) if said else {}


def test_the_log_shows_today_in_london_and_what_became_of_each(tmp_path: Path) -> None:
    folder = with_taps(tmp_path / "edge")

    first, second, third = ask(folder, "log", "--lines", "3").stdout.splitlines()
    assert [line.split()[0] for line in (first, second, third)] == ["3", "2", "1"]
    assert " stop      carer C12 at tag-of-h7  waits here, safe" in first
    assert " start     carer C12 at tag-of-h7  waits here, safe" in second
    assert "switched on" in third
    assert [json.loads(line)["what"] for line in ask(folder, "log", "--json", "--lines", "2").stdout.splitlines()] == ["stop", "start"]


def test_a_door_that_is_enrolled_keeps_its_code_for_another_and_says_what_to_do(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1")
    server = f"http://127.0.0.1:{free_port()}"

    said = refusal(folder, "enrol", "ABCDEFGHJK", "--server", server)
    assert f"this door is enrolled already: {DOOR.device} is the device of carer C12. The code was not used." in said
    assert "calltime-edge wipe" in said
    assert f"The server {server} did not answer as expected" in refusal(folder, "enrol", "ABCDEFGHJK", "--server", server, "--again")


def test_a_server_that_nobody_named_is_asked_for(tmp_path: Path) -> None:
    assert "no server was named. Name it with --server" in refusal(tmp_path, "enrol", "ABCDEFGHJK")


def test_all_faults_of_the_settings_are_told_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "door.toml").write_text('language = "de"\n[brokr]\nmqtt = "5"\n')
    done = ask(tmp_path / "edge", "run", config=tmp_path / "door.toml")

    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "calltime-edge: 2 of the settings cannot be used:",
        f"{tmp_path / 'door.toml'}, line 1, language: must be en or cy, not 'de'.",
        f"{tmp_path / 'door.toml'}, line 3, brokr.mqtt: there is no such key. Was broker.mqtt meant?",
    ]


def test_a_door_that_has_sent_everything_forgets_all_when_told(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1")

    done = ask(folder, "wipe")
    assert done.returncode == 0
    assert f"calltime-server revoke {DOOR.device}" in done.stdout
    assert list(folder.iterdir()) == []
    assert "There is nothing to wipe" in ask(folder, "wipe").stdout


def test_records_that_were_not_sent_are_lost_only_to_who_types_that_they_must_be(tmp_path: Path) -> None:
    folder = with_taps(tmp_path / "edge")

    assert "3 records the office has not, so nothing was wiped." in refusal(folder, "wipe")
    assert ask(folder, "wipe", "--even-unsent", typed="yes\n").returncode == 1
    assert len(ask(folder, "log", "--json", "--lines", "9").stdout.splitlines()) == 3
    assert ask(folder, "wipe", "--even-unsent", typed="lose them\n").returncode == 0
    assert list(folder.iterdir()) == []


def test_a_wipe_that_is_cut_off_before_the_key_leaves_the_mark_so_that_no_number_is_used_again(tmp_path: Path) -> None:
    folder = with_taps(tmp_path / "edge")
    (folder / "outbox-in-the-way").mkdir()  # it comes after the records and before the key, and is no file

    assert ask(folder, "wipe", "--even-unsent", typed="lose them\n").returncode == 1
    assert not (folder / "outbox.sqlite").exists()
    opened = opening.open_outbox(folder / "outbox.sqlite", DOOR, now=datetime.now(UTC))
    assert opened.outbox.newest() >= 1000
    assert opened.lost[0][0] == 1
    opened.outbox.close()

    (folder / "outbox-in-the-way").rmdir()
    assert ask(folder, "wipe", "--even-unsent", typed="lose them\n").returncode == 0
    assert list(folder.iterdir()) == []


def test_a_damaged_memory_that_was_set_aside_is_not_wiped_without_a_word(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1")
    (folder / "outbox.damaged-20260401T000000Z.sqlite").touch()

    assert "a damaged memory (outbox.damaged-20260401T000000Z.sqlite) the office has not" in refusal(folder, "wipe")
    assert ask(folder, "wipe", "--even-unsent", typed="lose them\n").returncode == 0


def test_a_door_at_work_without_a_reader_is_not_well_and_cannot_be_wiped(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1:1")
    with running(folder, "--nfc", "/dev/no-such-port") as door:
        door.wait_until_it_logs("cannot be reached")
        wait_until(lambda: "gone" in str(heard(folder).get("readers")), within=20, what="the door's word of its reader")
        status = ask(folder, "status")
        assert status.returncode == 1
        assert "nobody can tap: no reader is ready" in unfolded(status.stdout)
        assert "the door runs. Stop it first" in refusal(folder, "wipe", "--even-unsent")
        assert door.end() == 0


def test_a_damaged_memory_is_left_for_the_door_to_mend(tmp_path: Path) -> None:
    folder = with_taps(tmp_path / "edge")
    (folder / "outbox.sqlite").write_bytes(b"")
    (folder / "outbox.sqlite-wal").write_bytes(b"what is left of it")

    assert "is damaged. Start the door: it sets the damaged file aside" in refusal(folder, "log")
    assert "✗ records They cannot be read" in unfolded(ask(folder, "check", "--no-tag").stdout)
    assert "nobody can say how many records" in refusal(folder, "wipe")
    assert (folder / "outbox.sqlite-wal").read_bytes() == b"what is left of it"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else. Run as root.")
def test_root_acts_as_the_user_whose_folder_it_is(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("edge")
    os.chown(folder, NOBODY, NOBODY)
    # Not by the program itself: where Python lies in root's own home, nobody else can start it or import more of it.
    acts = "import os, sys; from pathlib import Path; from calltime_edge import cli; cli._become_its_owner(Path(sys.argv[1]))"
    told = subprocess.run(
        [sys.executable, "-c", f"{acts}; print(os.geteuid(), os.getegid(), 0 in os.getgroups())", folder],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == [str(NOBODY), str(NOBODY), "False"]


def test_systemd_hears_that_the_door_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1:1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000", "RUNTIME_DIRECTORY": str(tmp_path)}
        with running(folder, "--nfc", "/dev/no-such-port", variables=variables) as door:
            assert manager.recv(4096) == b"READY=1"
            for _ in range(3):
                status, alive = manager.recv(4096).decode().splitlines()
                assert status.startswith("STATUS=offline, 1 record waiting, clock ")
                assert alive == "WATCHDOG=1"
            assert json.loads((tmp_path / "state.json").read_bytes())["device"] == DOOR.device
            assert door.end() == 0
        heard = [manager.recv(4096)]
        while heard[-1].startswith(b"STATUS"):
            heard.append(manager.recv(4096))

    assert heard[-1] == b"STOPPING=1"
    assert not (tmp_path / "state.json").exists()
    assert not (folder / "state.json").exists()
