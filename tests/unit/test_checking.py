"""Does `calltime-edge check` judge rightly what an installer holds to a reader, and what it finds on the machine?"""

import os
from pathlib import Path

import pytest

from calltime_edge.checking import place
from calltime_edge.checking.finding import Finding
from calltime_edge.checking.readers import judged
from calltime_edge.commands.check import check
from calltime_edge.commands.run import fit
from calltime_edge.readers.sightings import Card, Held, Sighting, Tag, Unreadable, Why
from calltime_edge.settings import ReaderSettings, Settings
from calltime_sim.pn532 import Ntag213, SimulatedPn532
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.doors import HandClock, enrolled
from fixtures.edge_program import enrolled_by_hand

DEVICE, READER = enrolled(carer="C12"), enrolled(home="H7")


@pytest.mark.parametrize(
    ("sighting", "says"),
    [
        (Tag(via="nfc", ref="T1", proof="e=EF&c=94"), "with a proof of its own (such as NTAG 424 DNA): T1. Grade 5, when the office"),
        (Tag(via="nfc", ref="T1"), "A tag without a proof (such as NTAG 213): T1. Grade 2: it can be copied."),
        (Tag(via="qr", ref="T1"), "A printed code: tag T1. Grade 1: a photograph of it would do."),
        (Tag(via="nfc", ref="T1", waiting=True), "A waiting tag without a proof (such as NTAG 213): T1. Grade 2"),
        (Held(seen=Tag(via="qr", ref="T1")), "A printed code: tag T1. Grade 1"),
    ],
)
def test_at_a_carers_device_a_tag_has_its_grade(sighting: Sighting, says: str) -> None:
    found = judged(sighting, DEVICE)

    assert found.well
    assert says in found.says


def test_at_a_homes_reader_a_badge_is_grade_four() -> None:
    assert judged(Card(uid="04A2315AC16680"), READER) == Finding(
        what="tag", well=True, says="A badge: 04A2315AC16680. Grade 4: the badge was at this home's reader."
    )


@pytest.mark.parametrize(
    ("sighting", "whose", "why"),
    [
        (Tag(via="nfc", ref="T1"), READER, Why.NOT_A_BADGE),
        (Card(uid="04A2315AC16680"), DEVICE, Why.NOT_A_TAG),
        (Unreadable(via="nfc", why=Why.DAMAGED), READER, Why.DAMAGED),
    ],
)
def test_what_is_no_tap_here_is_told_as_a_carer_is_told(sighting: Sighting, whose: object, why: Why) -> None:
    found = judged(sighting, READER if whose is READER else DEVICE)

    assert found.well is False
    assert found.then == why.value


def test_a_waiting_tag_at_a_homes_reader_is_well() -> None:
    assert "The badge that comes next" in judged(Tag(via="nfc", ref="T1", waiting=True), READER).says


def test_a_clock_that_nobody_has_set_is_not_well_and_one_that_was_shows_londons_time() -> None:
    assert place.clock(HandClock(sync="none").read()).well is False
    assert place.clock(HandClock().read()).says == "Tue 07 Apr 2026 09:00:00 London, set by ntp, to within 20 ms."


def test_a_folder_that_cannot_be_written_says_what_to_do() -> None:
    found = place.folder(Path("/proc/calltime-edge"))

    assert found.well is False
    assert "sudo chown" in found.then


def test_a_folder_in_memory_is_not_well_even_if_there_is_room() -> None:
    found = place.folder(Path("/dev/shm"))  # noqa: S108

    assert found.well is False
    assert "lies on tmpfs (mounted at /dev/shm), and what is written there is gone with the power" in found.says
    assert place.folder(Path("/dev/shm"), may_be_lost=True).well  # noqa: S108


def test_what_drives_the_pins_finds_a_place_that_it_may_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LG_WD", "restored afterwards")
    monkeypatch.delenv("LG_WD")

    fit(Settings()).close()

    assert os.access(os.environ["LG_WD"], os.W_OK)


def test_a_door_that_is_fitted_well_ends_with_zero(tmp_path: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=mosquitto.url)
    with SimulatedPn532() as chip:
        chip.present(Ntag213(uid=bytes.fromhex("04A2315AC16680"), address="https://calltime.example/t/tag-of-h7"))
        settings = Settings(folder=folder, readers=(ReaderSettings(kind="pn532", port=chip.port),))
        ended = check(settings, HandClock(), file=Path("/nowhere"), tag_within=20, signals=False, may_be_lost=True)

    said = capsys.readouterr().out
    assert "✗" not in said
    assert said.endswith("\nAll is well.\n")
    assert ended == 0


def test_each_broker_is_looked_at_and_one_that_is_away_is_told(
    tmp_path: Path, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=f"mqtt://127.0.0.1:1, {mosquitto.url}")

    check(Settings(folder=folder), HandClock(), file=Path("/nowhere"), tag_within=None, signals=False, may_be_lost=True)

    said = " ".join(capsys.readouterr().out.split())
    assert "✗ broker The broker mqtt://127.0.0.1:1 cannot be reached" in said
    assert f"✓ broker {mosquitto.url} lets this door in: MQTT 5, NOT encrypted." in said
