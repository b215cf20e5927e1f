"""Does the simulated chip stay in its senses, whatever a cable does to what it hears?"""

from hypothesis import given
from hypothesis import strategies as st

from calltime_sim.pn532 import Ntag213
from calltime_sim.pn532.chip import Chip
from calltime_sim.pn532.frames import LONGEST_BODY, Ack, Frame, Heard, parse, to_bytes
from calltime_sim.pn532.hostile import Cable, Faults, HungUp
from calltime_sim.pn532.hsu import BAUD_RATES, SerialUnit

BODIES = st.one_of(st.binary(min_size=1, max_size=12), st.binary(min_size=250, max_size=LONGEST_BODY))
SEEDS = st.integers(min_value=0, max_value=2**32)
SOME = st.integers(min_value=0, max_value=200)
FAULTS = st.builds(
    Faults,
    seed=SEEDS,
    lose=SOME,
    double=SOME,
    noise=SOME,
    halve_every=st.integers(min_value=0, max_value=5),
    at_a_time=st.integers(min_value=0, max_value=7),
    hang_up_after=st.one_of(st.none(), st.integers(min_value=0, max_value=3000)),
)
ASK = to_bytes(Frame(body=bytes.fromhex("D4 02")))
ANSWERED = [to_bytes(Ack()), to_bytes(Frame(body=bytes.fromhex("D5 03 32 01 06 07")))]


def heard_through(cable: Cable, frames: list[Heard]) -> list[Heard]:
    heard: list[Heard] = []
    rest = b""
    try:
        for frame in frames:
            for lot in cable.carry(to_bytes(frame)):
                found, rest = parse(rest + lot)
                heard.extend(found)
    except HungUp:
        pass
    return heard


@given(st.lists(st.builds(Frame, body=BODIES), max_size=8), st.integers(min_value=1, max_value=9))
def test_a_cable_that_is_only_slow_loses_nothing(frames: list[Heard], at_a_time: int) -> None:
    assert heard_through(Cable(Faults(at_a_time=at_a_time)), frames) == frames


@given(st.lists(st.builds(Frame, body=BODIES), max_size=8), SEEDS, st.integers(min_value=0, max_value=3000))
def test_what_comes_before_the_line_hangs_up_is_what_was_said(frames: list[Heard], seed: int, at: int) -> None:
    heard = heard_through(Cable(Faults(seed=seed, hang_up_after=at)), frames)
    assert heard == frames[: len(heard)]


@given(st.builds(Frame, body=BODIES), SEEDS)
def test_a_frame_that_lost_a_byte_that_counts_is_not_taken_for_whole(frame: Frame, seed: int) -> None:
    cable = to_bytes(frame)
    missing = 2 + seed % (len(cable) - 3)  # all but the preamble and the postamble
    assert frame not in parse(cable[:missing] + cable[missing + 1 :])[0]


@given(FAULTS, st.lists(st.binary(max_size=30), max_size=6), st.sampled_from(BAUD_RATES), st.booleans())
def test_whatever_it_heard_before_the_chip_answers_once_it_is_asked_clearly(
    faults: Faults, bodies: list[bytes], baud: int, tag: bool
) -> None:
    chip = Chip()
    if tag:
        chip.lay(Ntag213(uid=bytes(7)))
    unit, cable = SerialUnit(chip, lambda _: None), Cable(faults)
    try:
        for body in bodies:
            for lot in cable.carry(to_bytes(Frame(body=b"\xd4" + body))):
                unit.hear(lot, baud, now=0)
    except HungUp:
        pass

    # A long preamble wakes it and ends what it may take for a frame; then, as a driver does, it is asked twice.
    unit.hear(bytes(LONGEST_BODY + 10), unit.baud, now=0)
    unit.hear(to_bytes(Ack()), unit.baud, now=0)
    unit.hear(ASK, unit.baud, now=0)
    assert unit.hear(ASK, unit.baud, now=0) == ANSWERED
