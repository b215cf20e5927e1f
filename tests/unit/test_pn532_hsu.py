"""Does the serial side of the simulated chip wake, confirm, repeat, give up and change its speed as the manual says?"""

from calltime_sim.pn532 import Badge
from calltime_sim.pn532.chip import Chip
from calltime_sim.pn532.hsu import SerialUnit, Talk

ACK, NACK = "00 00 FF 00 FF 00", "00 00 FF FF 00 00"
WAKE = "55 55 00 00 00 00 00"
ASK, ANSWER = "00 00 FF 02 FE D4 02 2A 00", "00 00 FF 06 FA D5 03 32 01 06 07 E8 00"
SPEED_UP, SPEED_UP_ANSWER = "00 00 FF 03 FD D4 10 07 15 00", "00 00 FF 02 FE D5 11 1A 00"
POWER_DOWN, POWER_DOWN_ANSWER = "00 00 FF 03 FD D4 16 10 06 00", "00 00 FF 03 FD D5 17 00 14 00"
LOOK = "00 00 FF 04 FC D4 4A 01 00 E1 00"
POLL_ONCE = "00 00 FF 05 FB D4 60 01 01 00 CA 00"
FAST = 921_600


class Line:
    """A host at the other end of the chip, with a speed and a clock."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.chip = Chip()
        self.unit = SerialUnit(self.chip, self.talks.append)
        self.baud, self.now = 115_200, 0.0

    def say(self, *parts: str) -> list[str]:
        heard = self.unit.hear(bytes.fromhex(" ".join(parts)), self.baud, now=self.now)
        return [part.hex(" ").upper() for part in heard if part]

    def looks(self) -> bool:
        return self.unit.looking is not None

    def later(self, seconds: float) -> str:
        self.now += seconds
        return self.unit.found_or_given_up(now=self.now).hex(" ").upper()


def awake() -> Line:
    line = Line()
    assert line.say(WAKE, ASK) == [ACK, ANSWER]
    return line


def test_a_command_without_a_preamble_is_lost_on_a_sleeping_chip() -> None:
    line = Line()
    assert line.say(ASK) == []
    assert line.say(ASK) == [ACK, ANSWER]


def test_a_chip_that_was_sent_to_sleep_must_be_woken_again() -> None:
    line = awake()
    assert line.say(POWER_DOWN) == [ACK, POWER_DOWN_ANSWER]
    assert line.say(ASK) == []


def test_a_nack_gets_the_last_answer_once_more_and_nothing_when_there_was_none() -> None:
    line = awake()
    assert line.say(NACK) == [ANSWER]
    line.unit.power_up()
    assert line.say(WAKE, NACK) == []


def test_the_new_speed_holds_from_the_ack_of_the_host_on() -> None:
    line = awake()
    assert line.say(SPEED_UP) == [ACK, SPEED_UP_ANSWER]
    assert line.unit.baud == 115_200
    assert line.say(ACK) == []
    assert line.unit.baud == FAST


def test_an_ack_that_is_read_after_the_host_changed_its_speed_counts() -> None:
    line = awake()
    line.say(SPEED_UP)
    line.baud = FAST
    assert line.say(ACK, ASK) == [ACK, ANSWER]
    assert line.unit.baud == FAST


def test_an_ack_that_was_flushed_counts() -> None:
    line = awake()
    line.say(SPEED_UP)
    line.unit.confirmation_was_flushed()
    assert line.unit.baud == FAST


def test_without_an_ack_the_speed_stays() -> None:
    line = awake()
    line.say(SPEED_UP)
    line.baud = FAST
    assert line.say(ASK) == []
    line.baud = 115_200
    assert line.say(ASK) == [ACK, ANSWER]
    assert line.say(ACK) == []
    assert line.unit.baud == 115_200


def test_a_chip_at_another_speed_is_deaf_until_its_power_was_away() -> None:
    line = awake()
    line.say(SPEED_UP)
    line.say(ACK)
    assert line.say(ASK) == []

    line.unit.power_up()
    assert line.say(WAKE, ASK) == [ACK, ANSWER]


def test_a_chip_that_looks_until_it_finds_says_so_when_a_card_comes() -> None:
    line = awake()
    assert line.say(LOOK) == [ACK]
    assert line.later(1_000) == ""
    line.chip.lay(Badge(uid=bytes.fromhex("9C 33 10 B2")))
    assert line.later(0) == "00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 9C 33 10 B2 3D 00"
    assert not line.looks()


def test_a_chip_that_polls_gives_up_in_time() -> None:
    line = awake()
    assert line.say(POLL_ONCE) == [ACK]
    assert line.later(0.1) == ""
    assert line.later(0.1) == "00 00 FF 03 FD D5 61 00 CA 00"


def test_an_ack_of_the_host_or_a_new_command_ends_the_looking() -> None:
    line = awake()
    line.say(LOOK)
    assert line.looks()
    assert line.say(ACK) == []
    assert not line.looks()

    line.say(LOOK)
    assert line.say(ASK) == [ACK, ANSWER]
    assert not line.looks()


def test_a_command_that_is_none_gets_the_error_frame() -> None:
    assert awake().say("00 00 FF 02 FE D4 FE 2E 00") == [ACK, "00 00 FF 01 FF 7F 81 00"]


def test_who_listens_in_hears_both_ends_with_names() -> None:
    assert awake().talks == [
        Talk(from_host=True, name="GetFirmwareVersion", body=bytes.fromhex("D4 02")),
        Talk(from_host=False, name="GetFirmwareVersion", body=bytes.fromhex("D5 03 32 01 06 07")),
    ]
