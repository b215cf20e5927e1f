"""Is every carer told when a door cannot record from its very start, and does it begin when it can?"""

import tempfile
from pathlib import Path

from calltime_sim.pn532 import Ntag213, SimulatedPn532
from fixtures.edge_program import ask, enrolled_by_hand, refusal, running
from fixtures.waiting import wait_until

HOME = Ntag213(uid=bytes.fromhex("04A2315AC16680"), address="https://calltime.example/t/tag-of-h7")


def test_a_door_without_a_memory_refuses_each_tap_aloud_and_begins_when_it_has_one(tmp_path: Path) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker="mqtt://127.0.0.1:1")
    in_the_way = folder / "outbox.sqlite"
    in_the_way.mkdir()
    with SimulatedPn532() as chip, running(folder, "--nfc", chip.port) as door:
        door.wait_until_it_logs("NOTHING IS RECORDED: ")
        chip.present(HOME)
        door.wait_until_it_says("✗ NOT RECORDED. This door cannot store anything (unable to open database file).")
        assert "a door runs, and cannot record yet" in refusal(folder, "status")
        chip.remove()

        in_the_way.rmdir()
        wait_until(lambda: ask(folder, "status").returncode == 0, within=30, what="the door at work")
        chip.present(HOME)
        door.wait_until_it_says("✓ Started")
        assert door.end() == 0


def test_a_door_in_memory_refuses_each_tap_aloud_and_writes_nothing() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:  # the point of it
        folder = enrolled_by_hand(Path(memory) / "edge", broker="mqtt://127.0.0.1:1")
        with SimulatedPn532() as chip, running(folder, "--nfc", chip.port, even_in_memory=False) as door:
            door.wait_until_it_logs("lies on tmpfs")
            chip.present(HOME)
            door.wait_until_it_says("✗ NOT RECORDED.")
            assert door.end() == 0
        assert not list(folder.glob("outbox*"))
