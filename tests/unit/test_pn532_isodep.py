"""Do reader and card pass whole commands in blocks as ISO/IEC 14443-4 has it?"""

import pytest

from calltime_sim.pn532.isodep import CardSide, ReaderSide

ATS = bytes.fromhex("05 70 80 40 02")  # blocks of up to 16 bytes to the card
RATS = bytes.fromhex("E0 00")  # and of up to 16 from it


def echo(command: bytes) -> bytes:
    return command


def answers(card: CardSide, *blocks: str) -> list[str]:
    return [card.answer(bytes.fromhex(block)).hex(" ").upper() for block in blocks]


def card() -> CardSide:
    return CardSide(echo, rats=RATS, ats=ATS)


def test_block_numbers_alternate() -> None:
    assert answers(card(), "02 AA", "03 BB", "02 CC") == ["02 AA", "03 BB", "02 CC"]


def test_a_long_command_is_collected_and_a_long_answer_is_fetched() -> None:
    said = answers(card(), "12 00 01 02 03 04 05 06 07 08 09 0A 0B 0C", "03 0D 0E", "A2")
    assert said == ["A2", "13 00 01 02 03 04 05 06 07 08 09 0A 0B 0C", "02 0D 0E"]


def test_a_block_that_did_not_arrive_is_said_again() -> None:
    assert answers(card(), "02 AA", "B2", "B2", "A2") == ["02 AA"] * 4


def test_a_reader_that_heard_nothing_learns_that_its_block_was_not_heard() -> None:
    assert answers(card(), "02 AA", "B3") == ["02 AA", "A2"]


def test_a_card_that_is_deselected_agrees() -> None:
    assert answers(card(), "C2") == ["C2"]


@pytest.mark.parametrize("block", ["", "0A 00 AA", "06 00 AA", "F2 01", "A3", "E0 80", "B2 00"])
def test_what_is_no_block_of_this_talk_is_not_answered(block: str) -> None:
    assert answers(card(), block) == [""]


def test_the_chip_itself_passes_any_command_and_answer() -> None:
    speaking = card()
    reader = ReaderSide(speaking.answer, ats=ATS)
    for size in (0, 1, 13, 14, 26, 27, 200):
        assert reader.command(bytes(range(size))) == bytes(range(size))


def test_the_chip_notices_a_card_that_falls_silent() -> None:
    assert ReaderSide(lambda _: b"", ats=ATS).command(b"\x00") is None
