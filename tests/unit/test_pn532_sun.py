"""Are the dynamic messages of an NTAG 424 DNA those of NXP's AN12196?"""

import pytest

from calltime_sim.pn532.sun import Keys, Tapped, message, verify

# The vector of AN12196, both keys all zero.
VECTOR = "e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086"
TAPPED = Tapped(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), counter=61)
PADDING = bytes.fromhex("DA 5C F6 09 41")


def test_the_message_is_that_of_the_application_note() -> None:
    assert message(TAPPED, Keys(), PADDING) == VECTOR


def test_the_message_of_the_application_note_is_read() -> None:
    assert verify(VECTOR, Keys()) == TAPPED
    assert verify(f"https://calltime.example/t/abc?{VECTOR}", Keys()) == TAPPED


def test_each_key_matters() -> None:
    keys = Keys(meta_read=bytes(range(16)), file_read=bytes(range(16, 32)))
    said = message(TAPPED, keys, PADDING)

    assert verify(said, keys) == TAPPED
    assert verify(said, Keys(meta_read=keys.meta_read)) is None
    assert verify(said, Keys(file_read=keys.file_read)) is None


@pytest.mark.parametrize(
    "changed",
    [
        "",
        "e=EF963FF7828658A599F3041510671E88",
        VECTOR.lower(),
        VECTOR + "&x=1",
        VECTOR.replace("c=94", "c=95"),
        VECTOR.replace("e=EF", "e=EE"),
    ],
)
def test_what_was_changed_is_no_message(changed: str) -> None:
    assert verify(changed, Keys()) is None


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="meta read key has 1 bytes"):
        Keys(meta_read=b"k")
