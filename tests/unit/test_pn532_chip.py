"""Does the simulated chip answer each command, the wrong ones included?"""

import pytest

from calltime_sim.pn532 import Badge, Ntag213
from calltime_sim.pn532.chip import Chip

LIST_106A = "D4 4A 01 00"
GET_VERSION = "D4 42 60"
CRC_CHECK_OFF = "D4 08 63 03 00"


def answers(chip: Chip, *commands: str) -> list[str]:
    return [chip.answer(bytes.fromhex(command)).hex(" ").upper() for command in commands]


def chip_with_tag() -> Chip:
    chip = Chip()
    chip.lay(Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://h/t/abc"))
    return chip


def test_an_empty_field_lists_nothing_and_leaves_the_request_in_the_fifo() -> None:
    assert answers(Chip(), LIST_106A, "D4 06 63 39") == ["D5 4B 00", "D5 07 26"]


def test_a_tag_is_listed_with_what_it_says_of_itself() -> None:
    assert answers(chip_with_tag(), LIST_106A) == ["D5 4B 01 01 00 44 00 07 04 A2 31 5A C1 66 80"]


def test_a_tag_is_listed_when_its_own_uid_is_asked_for_and_not_for_another() -> None:
    own, other = "D4 4A 01 00 88 04 A2 31 5A C1 66 80", "D4 4A 01 00 88 04 A2 31 5A C1 66 81"
    assert answers(chip_with_tag(), own, other) == ["D5 4B 01 01 00 44 00 07 04 A2 31 5A C1 66 80", "D5 4B 00"]


def test_a_badge_is_listed_with_its_short_uid() -> None:
    chip = Chip()
    chip.lay(Badge(uid=bytes.fromhex("9C 33 10 B2")))
    assert answers(chip, LIST_106A, "D4 4A 01 01 00") == ["D5 4B 01 01 00 04 08 04 9C 33 10 B2", "D5 4B 00"]


def test_answers_carry_their_checksum_only_while_the_chip_does_not_check_it() -> None:
    version = "00 04 04 02 01 00 0F 03"
    said = answers(chip_with_tag(), LIST_106A, GET_VERSION, CRC_CHECK_OFF, GET_VERSION)[1:]
    assert said == [f"D5 43 00 {version}", "D5 09", f"D5 43 00 {version} 80 91"]


def test_a_tag_that_refused_is_silent_until_it_is_selected_again() -> None:
    said = answers(chip_with_tag(), LIST_106A, CRC_CHECK_OFF, "D4 42 1A 00", GET_VERSION, LIST_106A, GET_VERSION)
    assert said[2:4] == ["D5 43 00 00", "D5 43 01"]
    assert said[5] == "D5 43 00 00 04 04 02 01 00 0F 03"


def test_a_refusal_is_a_checksum_error_to_a_chip_that_checks() -> None:
    assert answers(chip_with_tag(), LIST_106A, "D4 42 1A 00")[1] == "D5 43 02"


@pytest.mark.parametrize("taken_away", ["D4 32 01 02", None])
def test_without_field_or_tag_nothing_answers_over_the_air(taken_away: str | None) -> None:
    chip = chip_with_tag()
    answers(chip, LIST_106A)
    if taken_away:
        answers(chip, taken_away)
    else:
        chip.lay()
    assert answers(chip, GET_VERSION) == ["D5 43 01"]


@pytest.mark.parametrize(
    "wrong", ["", "D4", "D5 02", "D4 FE", "D4 00", "D4 00 07", "D4 06", "D4 06 63", "D4 08 63 03", "D4 32", "D4 32 01", "D4 4A 01"]
)
def test_a_command_that_is_none_gets_the_error_mark(wrong: str) -> None:
    assert answers(Chip(), wrong) == ["7F"]


def test_only_looks_for_any_card_since_the_last_change_are_counted() -> None:
    chip = chip_with_tag()
    answers(chip, LIST_106A, LIST_106A, "D4 4A 01 00 88 04 A2 31 5A C1 66 80", "D4 4A 01 01 00")
    assert chip.wait_for_looks(2, timeout=0)
    assert not chip.wait_for_looks(3, timeout=0)

    chip.lay()
    assert not chip.wait_for_looks(1, timeout=0)
