"""Do commands of any length reach a smart card, and its answers the reader, when blocks are lost on the way?"""

import random

from hypothesis import given
from hypothesis import strategies as st

from calltime_sim.pn532.isodep import CardSide, Exchange, ReaderSide

SIZES = st.integers(min_value=0, max_value=8)


@given(st.lists(st.binary(max_size=300), max_size=4), SIZES, SIZES)
def test_the_chip_and_the_card_understand_each_other_at_every_block_size(commands: list[bytes], to_reader: int, to_card: int) -> None:
    ats = bytes([0x05, 0x70 | to_card, 0x80, 0x40, 0x02])
    card = CardSide(lambda command: command[::-1], rats=bytes([0xE0, to_reader << 4]), ats=ats)
    reader = ReaderSide(card.answer, ats=ats)
    assert [reader.command(command) for command in commands] == [command[::-1] for command in commands]


@given(st.binary(max_size=100), st.integers(min_value=0, max_value=2**32))
def test_a_host_that_asks_again_gets_the_whole_answer_whatever_was_lost(command: bytes, seed: int) -> None:
    chance = random.Random(seed)
    card = CardSide(lambda said: said * 2, rats=bytes.fromhex("E0 00"), ats=bytes.fromhex("05 70 80 40 02"))

    def over_the_air(block: bytes) -> bytes:
        """Every third block or so is lost, in either direction."""
        if chance.randrange(3) == 0:
            return b""
        answer = card.answer(block)
        return b"" if chance.randrange(3) == 0 else answer

    assert _patient(over_the_air, command) == command * 2


def _patient(over_the_air: Exchange, command: bytes) -> bytes:
    """What a driver does that never gives up."""
    number, said = 0, b""
    pieces = [command[at : at + 13] for at in range(0, len(command), 13)] or [b""]
    for position, piece in enumerate(pieces):
        more = 0x10 if position + 1 < len(pieces) else 0
        block = bytes([0x02 | more | number]) + piece
        said = _until_heard(over_the_air, block, otherwise=bytes([0xB2 | number]))
        while said[0] == 0xA2 | (number ^ 1):  # the card has not heard this block
            said = _until_heard(over_the_air, block, otherwise=bytes([0xB2 | number]))
        number ^= 1
    answer = said[1:]
    while said[0] & 0x10:
        said = _until_heard(over_the_air, bytes([0xA2 | number]), otherwise=bytes([0xA2 | number]))
        number ^= 1
        answer += said[1:]
    return answer


def _until_heard(over_the_air: Exchange, block: bytes, *, otherwise: bytes) -> bytes:
    answer = over_the_air(block)
    while not answer:
        answer = over_the_air(otherwise)
    return answer
