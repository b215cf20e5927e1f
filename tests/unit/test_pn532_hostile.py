"""Does a bad cable do what it was told to, and the same each time?"""

import pytest

from calltime_sim.pn532.hostile import Cable, Faults, HungUp

SAID = bytes(range(200))


def arrives(faults: Faults, *said: bytes) -> bytes:
    cable = Cable(faults)
    return b"".join(lot for one in said for lot in cable.carry(one))


def test_a_good_cable_carries_what_was_said_in_one_lot() -> None:
    assert list(Cable(Faults()).carry(SAID)) == [SAID]


def test_the_same_seed_loses_the_same_bytes() -> None:
    faults = Faults(seed=7, lose=100)
    assert arrives(faults, SAID) == arrives(faults, SAID)
    assert arrives(faults, SAID) != arrives(Faults(seed=8, lose=100), SAID)


def test_bytes_are_lost_doubled_and_joined_by_noise() -> None:
    assert len(arrives(Faults(lose=1000), SAID)) == 0
    assert len(arrives(Faults(double=1000), SAID)) == 400
    assert len(arrives(Faults(noise=1000), SAID)) == 400


def test_every_third_thing_is_cut_in_half() -> None:
    assert arrives(Faults(halve_every=3), b"abcd", b"abcd", b"abcd", b"abcd") == b"abcdabcdababcd"


def test_bytes_come_a_few_at_a_time() -> None:
    assert list(Cable(Faults(at_a_time=2)).carry(b"abcde")) == [b"ab", b"cd", b"e"]


def test_the_line_hangs_up_at_the_byte_it_was_told() -> None:
    cable = Cable(Faults(hang_up_after=6))
    assert list(cable.carry(b"abcd")) == [b"abcd"]
    dying = cable.carry(b"efgh")
    assert next(dying) == b"ef"
    with pytest.raises(HungUp):
        next(dying)
