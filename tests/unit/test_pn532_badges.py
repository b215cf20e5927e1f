"""Do the simulated badges show their UID and refuse the rest?"""

import pytest

from calltime_sim.pn532.badges import Badge, Desfire, Telephone
from calltime_sim.pn532.cards import SmartCard


def test_a_classic_badge_refuses_whatever_is_asked() -> None:
    assert Badge(uid=bytes(4)).answer(bytes.fromhex("30 00")) == b"\x04"


@pytest.mark.parametrize(("size", "sens_res"), [(4, "00 04"), (7, "00 44")])
def test_a_classic_badge_says_how_long_its_uid_is(size: int, sens_res: str) -> None:
    assert Badge(uid=bytes(size)).sens_res == bytes.fromhex(sens_res)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00 A4 04 00 07 D2 76 00 00 85 01 01 00", "6A 82"),
        ("00 B0 00 00 02", "6D 00"),
        ("90 60 00 00 00", "04 01 01 01 00 18 05 91 AF"),
        ("90 5A 00 00 03 01 00 00 00", "91 1C"),
        ("60", "AF 04 01 01 01 00 18 05"),
        ("5A 01 00 00", "1C"),
        ("", "1C"),
    ],
)
def test_a_desfire_badge_tells_its_version_and_nothing_else(command: str, answer: str) -> None:
    assert Desfire(uid=bytes(7)).awaken()(bytes.fromhex(command)) == bytes.fromhex(answer)


def test_a_telephone_has_a_new_uid_at_each_look_and_no_calltime_on_it() -> None:
    telephone = Telephone()
    first, second = telephone.uid, telephone.uid
    assert first != second
    assert first[:1] == second[:1] == b"\x08"
    assert telephone.awaken()(bytes.fromhex("00 A4 04 00 07 D2 76 00 00 85 01 01 00")) == bytes.fromhex("6A 82")


@pytest.mark.parametrize("card", [Desfire(uid=bytes(7)), Telephone()])
def test_a_smart_card_says_nothing_before_it_is_activated(card: SmartCard) -> None:
    assert card.answer(b"\x60") == b""


@pytest.mark.parametrize("size", [0, 5, 10])
def test_a_uid_that_no_badge_has_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="has a UID of 4 or 7 bytes"):
        Badge(uid=bytes(size))
