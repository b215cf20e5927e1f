"""Does the simulated chip handle one and two cards, smart ones, and cards that go away?"""

import math

import pytest

from calltime_sim.pn532 import Badge, Desfire, Ntag213, Ntag216, Ntag424, Telephone
from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.chip import Chip

BADGE = "00 04 08 04 9C 33 10 B2"
TAG = "00 44 00 07 04 A2 31 5A C1 66 80"
SMART = "03 44 20 07 04 DE 5F 1E AC C0 40"
ATS = "06 77 77 71 02 80"

LIST_ONE, LIST_TWO = "D4 4A 01 00", "D4 4A 02 00"
DO_NOT_ACTIVATE = "D4 12 00"
GET_VERSION = "D4 42 60"
SELECT_APPLICATION = "00 A4 04 00 07 D2 76 00 00 85 01 01 00"


def badge() -> Badge:
    return Badge(uid=bytes.fromhex("9C 33 10 B2"))


def tag() -> Ntag213:
    return Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://h/t/abc")


def smart() -> Ntag424:
    return Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), address="https://h/t/abc")


def chip_with(*cards: Card, exchanges: int | None = None) -> Chip:
    chip = Chip()
    chip.lay(*cards, exchanges=exchanges)
    return chip


def answers(chip: Chip, *commands: str) -> list[str]:
    return [chip.answer(bytes.fromhex(command)).hex(" ").upper() for command in commands]


def last(chip: Chip, *commands: str) -> str:
    return answers(chip, *commands)[-1]


def test_of_two_cards_the_one_with_the_first_differing_bit_set_is_picked() -> None:
    # A UID of seven bytes begins with 88 over the air, low bit first: 0001…; 9C is 0011…, and wins at the third bit.
    chip = chip_with(tag(), badge())
    assert answers(chip, LIST_ONE, LIST_ONE) == [f"D5 4B 01 01 {BADGE}"] * 2


def test_two_cards_are_listed_together() -> None:
    assert last(chip_with(tag(), badge()), LIST_TWO) == f"D5 4B 02 01 {BADGE} 02 {TAG}"


def test_of_three_cards_two_are_listed() -> None:
    assert last(chip_with(tag(), badge(), smart()), LIST_TWO)[:8] == "D5 4B 02"


def test_the_other_card_is_selected_by_its_uid() -> None:
    assert last(chip_with(tag(), badge()), "D4 4A 01 00 88 04 A2 31 5A C1 66 80") == f"D5 4B 01 01 {TAG}"


def test_a_card_that_was_deselected_makes_room_for_the_other() -> None:
    chip = chip_with(tag(), badge())
    said = answers(chip, LIST_ONE, "D4 44 00", LIST_ONE, "D4 44 01", LIST_ONE)
    assert said == [f"D5 4B 01 01 {BADGE}", "D5 45 00", f"D5 4B 01 01 {TAG}", "D5 45 00", "D5 4B 00"]


def test_a_halted_card_hears_again_after_the_field_was_off() -> None:
    chip = chip_with(tag())
    assert last(chip, LIST_ONE, "D4 42 50 00", LIST_ONE) == "D5 4B 00"
    assert last(chip, "D4 32 01 00", LIST_ONE) == f"D5 4B 01 01 {TAG}"


def test_the_talk_goes_to_the_card_whose_number_is_said() -> None:
    chip = chip_with(tag(), badge())
    assert last(chip, LIST_TWO, "D4 40 02 30 03")[:20] == "D5 41 00 E1 10 12 00"
    assert last(chip, "D4 40 01 60 00 FF FF FF FF FF FF 9C 33 10 B2") == "D5 41 14"
    assert last(chip, "D4 40 03 30 03") == "D5 41 27"


def test_a_card_is_selected_deselected_and_released_by_its_number() -> None:
    chip = chip_with(tag())
    assert last(chip, LIST_ONE, "D4 44 01", GET_VERSION) == "D5 43 01"
    assert answers(chip, "D4 54 01", GET_VERSION)[0] == "D5 55 00"
    assert answers(chip, "D4 52 01", "D4 54 01") == ["D5 53 00", "D5 55 27"]


def test_general_status_tells_how_many_cards_were_listed() -> None:
    chip = chip_with(tag(), badge())
    assert last(chip, "D4 04") == "D5 05 00 00 00 80"
    assert last(chip, LIST_TWO, "D4 04") == "D5 05 00 00 02 01 00 00 10 02 00 00 10 80"


def test_a_smart_card_is_activated_by_the_chip_and_its_ats_is_told() -> None:
    assert last(chip_with(smart()), LIST_ONE) == f"D5 4B 01 01 {SMART} {ATS}"


def test_a_host_that_activates_by_itself_gets_no_ats() -> None:
    assert last(chip_with(smart()), DO_NOT_ACTIVATE, LIST_ONE) == f"D5 4B 01 01 {SMART}"


def test_the_chip_leads_the_talk_with_a_smart_card() -> None:
    chip = chip_with(smart())
    said = answers(chip, LIST_ONE, f"D4 40 01 {SELECT_APPLICATION}", "D4 40 01 00 A4 00 0C 02 E1 04", "D4 40 01 00 B0 00 00 00")
    assert said[1:3] == ["D5 41 00 90 00"] * 2
    assert said[3].startswith("D5 41 00 00")
    assert said[3].endswith("90 00")
    assert len(bytes.fromhex(said[3])) == 3 + 256 + 2


def test_a_long_command_comes_in_pieces() -> None:
    chip = chip_with(smart())
    assert answers(chip, LIST_ONE, "D4 40 41 00 A4 04 00 07 D2 76", "D4 40 01 00 00 85 01 01 00")[1:] == ["D5 41 00", "D5 41 00 90 00"]


def test_a_long_answer_goes_in_pieces() -> None:
    chip = chip_with(Ntag216(uid=bytes(7)))
    said = [chip.answer(bytes.fromhex(command)) for command in (LIST_ONE, "D4 40 01 3A 00 4F", "D4 40 01", "D4 40 01")]
    assert said[1][:3] == bytes.fromhex("D5 41 40")
    assert said[2][:3] == bytes.fromhex("D5 41 00")
    assert len(said[1][3:] + said[2][3:]) == 80 * 4
    assert said[3] == bytes.fromhex("D5 41 01")


def test_what_does_not_fit_into_the_chip_is_told() -> None:
    assert last(chip_with(Ntag216(uid=bytes(7))), LIST_ONE, "D4 42 3A 00 E6") == "D5 43 07"


@pytest.mark.parametrize(
    ("command", "answer"), [("30 2D", "13"), ("A2 27 01 02 03 04", "00"), ("A0 27 01" + " 00" * 15, "00"), ("A0 00" + " 00" * 16, "13")]
)
def test_the_chip_tells_refused_from_done(command: str, answer: str) -> None:
    assert last(chip_with(tag()), LIST_ONE, f"D4 40 01 {command}") == f"D5 41 {answer}"


def test_a_host_that_leads_the_talk_itself_activates_and_deselects_a_smart_card() -> None:
    chip = chip_with(smart())
    said = answers(chip, DO_NOT_ACTIVATE, LIST_ONE, "D4 42 E0 80", f"D4 42 02 {SELECT_APPLICATION}", "D4 42 B2", "D4 42 C2", "D4 42 B2")
    assert said[2:] == [f"D5 43 00 {ATS}", "D5 43 00 02 90 00", "D5 43 00 02 90 00", "D5 43 00 C2", "D5 43 01"]


@pytest.mark.parametrize("before_rats", ["00 B0 00 00 02", "30 00", "E0"])
def test_a_smart_card_hears_nothing_before_it_is_activated(before_rats: str) -> None:
    assert last(chip_with(Desfire(uid=bytes(7))), DO_NOT_ACTIVATE, LIST_ONE, f"D4 42 {before_rats}") == "D5 43 01"


def test_a_host_that_adds_the_checksum_itself_must_get_it_right() -> None:
    chip = chip_with(tag())
    assert last(chip, LIST_ONE, "D4 08 63 02 00", "D4 42 60 F8 32")[:14] == "D5 43 00 00 04"
    assert last(chip, "D4 42 60 F8 33") == "D5 43 01"


def test_the_presence_check_is_for_smart_cards() -> None:
    chip = chip_with(smart())
    assert last(chip, LIST_ONE, "D4 00 06") == "D5 01 00"
    chip.lay()
    assert last(chip, "D4 00 06") == "D5 01 01"
    assert last(chip_with(tag()), LIST_ONE, "D4 00 06") == "D5 01 27"


def test_polling_finds_the_kinds_that_were_asked_for() -> None:
    both = chip_with(tag(), smart())
    found = bytes.fromhex(f"{SMART} {ATS}"), bytes.fromhex(TAG)
    smart_part, tag_part = (bytes([kind, len(one) + 1, number]) + one for kind, number, one in ((0x20, 1, found[0]), (0x10, 2, found[1])))
    assert last(both, "D4 60 01 01 00") == (b"\xd5\x61\x02" + smart_part + tag_part).hex(" ").upper()
    assert last(both, "D4 60 01 01 10") == (b"\xd5\x61\x01" + tag_part).hex(" ").upper()
    assert last(both, "D4 60 01 01 11") == "D5 61 00"


@pytest.mark.parametrize(
    ("before", "command", "seconds"),
    [
        ("D4 02", LIST_ONE, math.inf),
        ("D4 32 05 FF 01 02", LIST_ONE, 0),
        ("D4 02", "D4 60 02 03 00", 0.9),
        ("D4 02", "D4 60 FF 03 00", math.inf),
        ("D4 02", "D4 02", 0),
    ],
)
def test_how_long_it_looks_for_a_card_is_up_to_the_host(before: str, command: str, seconds: float) -> None:
    chip = Chip()
    answers(chip, before)
    body = bytes.fromhex(command)
    assert chip.looks_on(body, chip.answer(body)) == pytest.approx(seconds)


def test_a_telephone_keeps_its_uid_until_the_field_goes_off() -> None:
    chip = chip_with(Telephone())
    first, again = answers(chip, LIST_ONE, LIST_ONE)
    assert first == again
    assert last(chip, "D4 32 01 00", LIST_ONE) != first


def test_a_card_that_is_torn_away_answers_as_often_as_it_was_told() -> None:
    chip = chip_with(tag(), exchanges=2)
    assert [said[6:8] for said in answers(chip, LIST_ONE, GET_VERSION, GET_VERSION, GET_VERSION)[1:]] == ["00", "00", "01"]
    assert last(chip, LIST_ONE) == "D5 4B 00"
    assert chip.wait_for_looks(1, timeout=0)
    assert not chip.wait_for_looks(2, timeout=0)


def test_without_power_the_chip_forgets_and_the_cards_stay() -> None:
    chip = chip_with(smart())
    answers(chip, DO_NOT_ACTIVATE, LIST_ONE)
    chip.power_up()
    assert answers(chip, GET_VERSION, LIST_ONE) == ["D5 43 01", f"D5 4B 01 01 {SMART} {ATS}"]


@pytest.mark.parametrize(
    "wrong", ["D4 4A 00 00", "D4 4A 03 00", "D4 40", "D4 44", "D4 52", "D4 54", "D4 60 01 01", "D4 12", "D4 10 09", "D4 14", "D4 16"]
)
def test_a_command_with_the_wrong_parameters_gets_the_error_mark(wrong: str) -> None:
    assert last(Chip(), wrong) == "7F"
