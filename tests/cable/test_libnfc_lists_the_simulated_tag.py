"""Does libnfc, which is not ours and does not know nfcpy, take the simulated chip for a PN532?"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from calltime_sim.pn532 import Badge, Ntag213, Ntag424, SimulatedPn532
from calltime_sim.pn532.cards import Card

TAG = Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://calltime.example/t/abc")
SMART = Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), address="https://calltime.example/t/abc")
BADGE = Badge(uid=bytes.fromhex("9C 33 10 B2"))

TAG_LISTED = ["ATQA (SENS_RES): 00 44", "UID (NFCID1): 04 a2 31 5a c1 66 80", "SAK (SEL_RES): 00"]
SMART_LISTED = ["ATQA (SENS_RES): 03 44", "UID (NFCID1): 04 de 5f 1e ac c0 40", "SAK (SEL_RES): 20", "ATS: 77 77 71 02 80"]
BADGE_LISTED = ["ATQA (SENS_RES): 00 04", "UID (NFCID1): 9c 33 10 b2", "SAK (SEL_RES): 08"]


def run(port: str, *words: str) -> str:
    if shutil.which(words[0]) is None:
        pytest.skip(f"The program {words[0]} was not found on the PATH. Install it: apt-get install libnfc-bin")
    settings = {**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{port}"}
    return subprocess.run(words, env=settings, capture_output=True, text=True, check=True, timeout=60).stdout


def listed(*cards: Card) -> list[str]:
    with SimulatedPn532() as chip:
        chip.present(*cards)
        said = run(chip.port, "nfc-list")
    lines = [" ".join(line.split()) for line in said.splitlines()]
    return [line for line in lines if line.startswith(("ATQA", "UID", "SAK", "ATS"))]


def test_nothing_is_listed_when_nothing_is_there() -> None:
    assert listed() == []


@pytest.mark.parametrize(("card", "lines"), [(TAG, TAG_LISTED), (SMART, SMART_LISTED), (BADGE, BADGE_LISTED)])
def test_a_card_is_listed_with_what_it_says_of_itself(card: Card, lines: list[str]) -> None:
    assert listed(card) == lines


def test_three_cards_are_listed_one_after_another() -> None:
    assert listed(TAG, SMART, BADGE) == [*BADGE_LISTED, *SMART_LISTED, *TAG_LISTED]


def test_every_page_of_a_tag_is_read(tmp_path: Path) -> None:
    with SimulatedPn532() as chip:
        chip.present(TAG)
        said = run(chip.port, "nfc-mfultralight", "r", f"{tmp_path}/tag.mfd")
    assert "NTAG Type: NTAG213 (144 user bytes)" in said
    assert "Done, 45 of 45 pages read (0 pages failed)." in said
