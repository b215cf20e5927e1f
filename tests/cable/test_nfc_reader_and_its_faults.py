"""Does the NFC reader say what ails a PN532 on a serial port, come back when it is well, and never see what was not there?"""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import nfc.clf.pn532
import nfc.clf.transport
import pytest

from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Card, ReaderGone, Unreadable, Why
from calltime_sim.pn532 import Badge, SimulatedPn532
from calltime_sim.pn532.hostile import Faults
from calltime_wire.status import ReaderState
from fixtures.listening import listening_to
from fixtures.odd_ports import answering
from fixtures.waiting import wait_until

BADGE = Badge(uid=bytes.fromhex("9C 33 10 B2"))
BADGE_SEEN = Card(uid="9C3310B2")
ACK = bytes.fromhex("00 00 FF 00 FF 00")


def reader_at(port: str) -> NfcReader:
    return NfcReader(port, hold_seconds=0, poll_seconds=0.005)


def loss_of(port: str) -> ReaderGone:
    """What the reader says of what is on this port."""
    with listening_to(reader_at(port)) as heard:
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert heard.states == []
        return gone


def leave_at(chip: SimulatedPn532, baud: int) -> None:
    """What a program leaves behind that raised the speed and was killed."""
    line = nfc.clf.transport.TTY(chip.port)
    line.write(bytes(10))
    talk = nfc.clf.pn532.Chipset(line, logger=nfc.clf.pn532.log)
    talk.sam_configuration("normal")
    talk.set_serial_baudrate(baud)
    wait_until(lambda: chip.baud == baud, within=5, what=f"the chip to talk at {baud}")
    line.tty.close()


def test_an_unplugged_reader_is_gone_with_a_sentence() -> None:
    with SimulatedPn532() as chip, listening_to(reader_at(chip.port)) as heard:
        chip.wait_until_noticed()
        chip.unplug()
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.state == "gone"
        assert gone.says.startswith(f"The NFC reader at {chip.port} does not answer (")
        assert gone.says.endswith("Until it answers, nobody can tap here by NFC.")


def test_a_port_that_is_not_there_is_a_reader_gone(tmp_path: Path) -> None:
    assert loss_of(str(tmp_path / "ttyUSB0")).state == "gone"


def test_a_port_that_another_reader_holds_is_a_reader_gone_and_that_one_goes_on() -> None:
    with SimulatedPn532() as chip, listening_to(reader_at(chip.port)) as first:
        chip.wait_until_noticed()
        assert loss_of(chip.port).state == "gone"
        chip.present(BADGE)
        assert first.next() == BADGE_SEEN


def of_another_kind(_: bytes) -> bytes:
    """An older sister of the PN532 answers what it is."""
    return ACK + bytes.fromhex("00 00 FF 04 FC D5 03 04 02 22 00")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda _: b"", "silent"),
        (lambda _: ACK, "silent"),
        (lambda _: ACK[:3], "silent"),
        (lambda _: ACK + bytes.fromhex("00 00 FF 06 FA D5 03 32"), "silent"),
        (lambda heard: heard, "babbling"),
        (lambda _: b"login: ", "babbling"),
        (lambda _: bytes.fromhex("55 AA") * 300, "babbling"),
        (lambda _: b"\xff" * 600, "babbling"),
        (lambda _: ACK * 90, "babbling"),
        (of_another_kind, "babbling"),
    ],
)
def test_a_port_with_something_else_on_it_is_told_for_what_it_is(answer: Callable[[bytes], bytes], state: ReaderState) -> None:
    with answering(answer) as port:
        gone = loss_of(port)
    assert gone.state == state
    assert gone.says.startswith(f"The NFC reader at {port} does not answer: ")


def test_what_is_left_of_one_try_is_not_taken_for_the_answer_to_the_next() -> None:
    """What half-answers late, as on a loaded machine, half-answers all the same."""

    def late(_: bytes) -> bytes:
        threading.Event().wait(0.03)  # long after the reader has sent what it had to say
        return ACK + bytes.fromhex("00 00 FF 06 FA D5 03 32")

    with answering(late) as port:
        assert loss_of(port).state == "silent"


def test_a_reader_that_looks_for_a_silent_chip_stops_within_a_second() -> None:
    stop, ended = threading.Event(), threading.Event()

    def look() -> None:
        list(reader_at(port).sightings(stop, lambda _: None))
        ended.set()

    asked = threading.Event()

    def silence(_: bytes) -> bytes:
        asked.set()
        return b""

    with answering(silence) as port:
        thread = threading.Thread(target=look)
        thread.start()
        assert asked.wait(5)
        stop.set()
        began = time.monotonic()
        thread.join(5)
    assert ended.is_set()
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("baud", [230_400, 460_800, 921_600])
def test_a_chip_that_was_left_at_another_speed_is_brought_back_without_taking_its_power_away(baud: int) -> None:
    with SimulatedPn532() as chip:
        leave_at(chip, baud)
        with listening_to(reader_at(chip.port)) as heard:
            chip.present(BADGE)
            assert heard.next() == BADGE_SEEN
        assert chip.baud == 115_200


def test_a_program_of_ours_never_leaves_the_chip_at_another_speed() -> None:
    speeds: list[int] = []
    with SimulatedPn532(overheard=lambda _: speeds.append(chip.baud)) as chip, listening_to(reader_at(chip.port)) as heard:
        chip.present(BADGE)
        assert heard.next() == BADGE_SEEN
    assert set(speeds) == {115_200}


def test_a_chip_whose_power_fails_for_a_moment_is_read_again() -> None:
    with SimulatedPn532() as chip:
        with listening_to(reader_at(chip.port)) as heard:
            chip.wait_until_noticed()
            chip.power_cycle()
            gone = heard.next()
            assert isinstance(gone, ReaderGone)
            assert gone.state == "silent"
        chip.present(BADGE)
        with listening_to(reader_at(chip.port)) as heard:
            assert heard.next() == BADGE_SEEN


def test_a_cable_that_hangs_up_in_the_middle_of_an_answer_is_a_reader_gone() -> None:
    with SimulatedPn532(to_host=Faults(hang_up_after=700)) as chip, listening_to(reader_at(chip.port)) as heard:
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.state == "gone"


def test_a_slow_cable_that_brings_a_byte_at_a_time_is_read() -> None:
    with SimulatedPn532(to_host=Faults(at_a_time=1), to_chip=Faults(at_a_time=1)) as chip, listening_to(reader_at(chip.port)) as heard:
        chip.present(BADGE)
        assert heard.next() == BADGE_SEEN


def test_a_badge_that_still_lies_there_when_the_reader_is_back_is_not_tapped_again() -> None:
    with SimulatedPn532() as chip:
        reader = reader_at(chip.port)
        chip.present(BADGE)
        with listening_to(reader) as heard:
            assert heard.next() == BADGE_SEEN
        with listening_to(reader) as heard:
            chip.present(BADGE)
            chip.wait_until_noticed(looks=10)
            assert heard.nothing_more()


@pytest.mark.parametrize("seed", range(4))
def test_over_a_bad_cable_the_right_badge_is_seen_or_none(seed: int) -> None:
    seen = []
    bad = Faults(seed=seed, lose=1, double=1, noise=1, halve_every=97)
    with SimulatedPn532(to_host=bad) as chip:
        reader = reader_at(chip.port)
        chip.present(BADGE)
        deadline = time.monotonic() + 10
        while BADGE_SEEN not in seen and time.monotonic() < deadline:
            with listening_to(reader) as heard:
                seen.append(heard.next())
    assert BADGE_SEEN in seen
    assert all(each == BADGE_SEEN or isinstance(each, ReaderGone) or each == Unreadable(via="nfc", why=Why.TAKEN_AWAY) for each in seen)


def test_a_reader_that_was_stopped_can_be_started_again() -> None:
    with SimulatedPn532() as chip:
        chip.present(BADGE)
        for _ in range(2):
            with listening_to(reader_at(chip.port)) as heard:
                assert heard.next() == BADGE_SEEN
