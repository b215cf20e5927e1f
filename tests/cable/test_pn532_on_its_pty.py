"""Is the simulated PN532 on its pty what a driver would find on a real serial port: speeds, hang-ups and bad cables included?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import pytest
import serial

from calltime_sim.pn532 import Desfire, Ntag213, Ntag216, Ntag424, SimulatedPn532, sun
from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.hostile import Faults

ACK, WAKE, ASK = bytes.fromhex("00 00 FF 00 FF 00"), bytes(10), bytes.fromhex("00 00 FF 02 FE D4 02 2A 00")
ANSWER = bytes.fromhex("00 00 FF 06 FA D5 03 32 01 06 07 E8 00")
UID = bytes.fromhex("04 DE 5F 1E AC C0 40")
ADDRESS = "https://calltime.example/t/abc"


def asked(port: str, baud: int = 115_200, *, for_bytes: int = len(ACK + ANSWER)) -> bytes:
    """What a host at this speed hears when it asks for the firmware."""
    with serial.Serial(port, baud, timeout=0.3) as host:
        host.write(WAKE + ASK)
        return host.read(for_bytes)


@contextmanager
def driver_on(port: str) -> Iterator[Any]:
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(port))
    try:
        yield frontend
    finally:
        frontend.close()


def address_on(frontend: Any) -> str | None:
    target = frontend.sense(nfc.clf.RemoteTarget("106A"))
    tag = nfc.tag.activate(frontend, target)
    return tag.ndef.records[0].iri if tag.ndef else None


def test_the_driver_raises_the_speed_and_puts_it_back() -> None:
    with SimulatedPn532() as chip:
        with driver_on(chip.port):
            assert chip.baud == 921_600
        assert chip.baud == 115_200
        assert asked(chip.port) == ACK + ANSWER


def test_a_chip_whose_driver_was_killed_hears_only_the_speed_it_was_left_at() -> None:
    with SimulatedPn532() as chip:
        transport = nfc.clf.transport.TTY(chip.port)
        nfc.clf.pn532.init(transport)
        transport.tty.close()

        assert asked(chip.port) == b""
        assert asked(chip.port, 921_600) == ACK + ANSWER

        chip.power_cycle()
        assert asked(chip.port, 921_600) == b""
        assert asked(chip.port) == ACK + ANSWER


@pytest.mark.parametrize("card", [Ntag213(uid=UID, address=ADDRESS), Ntag216(uid=UID, address=ADDRESS)])
def test_the_driver_reads_the_address(card: Card) -> None:
    with SimulatedPn532() as chip, driver_on(chip.port) as frontend:
        chip.present(card)
        assert address_on(frontend) == ADDRESS


def test_the_driver_reads_a_dynamic_message_once_for_each_presentation() -> None:
    tag = Ntag424(uid=UID, address=ADDRESS, counter=60)
    with SimulatedPn532() as chip, driver_on(chip.port) as frontend:
        for counter in (61, 62):
            chip.present(tag)
            assert sun.verify(address_on(frontend) or "", tag.keys) == sun.Tapped(uid=UID, counter=counter)
            chip.remove()


def test_the_driver_finds_no_address_on_a_desfire_badge() -> None:
    with SimulatedPn532() as chip, driver_on(chip.port) as frontend:
        chip.present(Desfire(uid=UID))
        assert address_on(frontend) is None


def test_the_driver_dumps_a_whole_tag_and_writes_to_it() -> None:
    card = Ntag213(uid=UID, address=ADDRESS)
    with SimulatedPn532() as chip, driver_on(chip.port) as frontend:
        chip.present(card)
        tag = nfc.tag.activate(frontend, frontend.sense(nfc.clf.RemoteTarget("106A")))
        assert tag.product == "NXP NTAG213"
        assert len(tag.dump()) > 10
        tag.write(39, b"abcd")
    assert bytes(card.memory[156:160]) == b"abcd"


@pytest.mark.parametrize("faults", [Faults(at_a_time=1), Faults(at_a_time=5, delay_ms=1)])
def test_a_slow_cable_is_slow_and_nothing_else(faults: Faults) -> None:
    with SimulatedPn532(to_host=faults, to_chip=Faults(at_a_time=1)) as chip:
        assert asked(chip.port) == ACK + ANSWER


def test_half_an_answer_arrives_on_a_cable_that_cuts() -> None:
    with SimulatedPn532(to_host=Faults(halve_every=2)) as chip:
        assert asked(chip.port) == ACK + ANSWER[: len(ANSWER) // 2]


def test_a_cable_that_dies_in_the_middle_of_an_answer_hangs_up() -> None:
    with SimulatedPn532(to_host=Faults(hang_up_after=10)) as chip, serial.Serial(chip.port, 115_200, timeout=5) as host:
        host.write(WAKE + ASK)
        with pytest.raises(serial.SerialException):  # the line is dead, and says so
            host.read(100)


def test_a_port_keeps_the_name_that_was_chosen_when_it_is_plugged_in_again(tmp_path: Path) -> None:
    link = tmp_path / "ttyUSB0"
    with SimulatedPn532(link=link) as chip:
        assert asked(str(link)) == ACK + ANSWER
        chip.unplug()
        assert not link.is_symlink()
        chip.plug()
        assert chip.port == str(link)
        assert asked(str(link)) == ACK + ANSWER
    assert not link.is_symlink()


def test_a_name_that_is_taken_by_a_file_is_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "letter.txt"
    taken.write_text("dear all")
    with pytest.raises(FileExistsError):
        SimulatedPn532(link=taken)
    assert taken.read_text() == "dear all"
