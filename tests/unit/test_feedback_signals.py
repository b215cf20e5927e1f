"""Can a carer tell the signals apart, by ear alone, by eye alone, and within a second?"""

from itertools import accumulate, combinations

import pytest

from calltime_edge import signals
from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.readers.sightings import Why
from calltime_edge.signals import ANSWERS, IDLE, LONG, NOT_STORED, Signal, signal_for, steps
from fixtures.doors import MORNING

NAMES = {id(value): name for name, value in vars(signals).items() if isinstance(value, Signal)}
CONFIRMED = (signals.STARTED, signals.ENDED, signals.WAITING)
CLEARLY_MS = 80
"""Two rhythms that differ for less than this within their first second are too much alike."""

each = pytest.mark.parametrize("signal", [*ANSWERS, IDLE], ids=lambda signal: NAMES[id(signal)])
each_other = pytest.mark.parametrize("signal", [s for s in ANSWERS if s is not NOT_STORED], ids=lambda signal: NAMES[id(signal)])
each_pair = pytest.mark.parametrize(("one", "other"), list(combinations((*ANSWERS, IDLE), 2)), ids=lambda signal: NAMES[id(signal)])


def played(signal: Signal) -> tuple[list[bool], list[bool]]:
    """What is heard and seen in each of its milliseconds (of two times over, when it is played for ever)."""
    row = steps(signal) * (signal.times or 2)
    return [step.sounds for step in row for _ in range(step.ms)], [step.lit for step in row for _ in range(step.ms)]


def differ(one: list[bool], other: list[bool]) -> int:
    """For how many milliseconds of the first second."""
    first, second = (rhythm[:1000] + [False] * (1000 - len(rhythm)) for rhythm in (one, other))
    return sum(a != b for a, b in zip(first, second, strict=True))


def starts_of(on: list[bool]) -> list[int]:
    return [at for at, now in enumerate(on) if now and (at == 0 or not on[at - 1])]


@each_pair
def test_no_two_sound_alike_in_their_first_second(one: Signal, other: Signal) -> None:
    assert differ(played(one)[0], played(other)[0]) >= CLEARLY_MS


@each_pair
def test_no_two_look_alike_in_their_first_second_even_to_who_sees_no_colours(one: Signal, other: Signal) -> None:
    assert differ(played(one)[1], played(other)[1]) >= CLEARLY_MS


@each_other
def test_a_signal_ends_within_a_second(signal: Signal) -> None:
    assert signal.times == 1
    assert len(played(signal)[0]) <= 1000


def test_a_confirmation_begins_with_a_long_beep_and_nothing_else_holds_one() -> None:
    for signal in ANSWERS:
        assert (signal in CONFIRMED) == (signal.beeps[0] >= LONG) == (max(signal.beeps[::2]) >= LONG)
        assert (signal in CONFIRMED) == (signal.colour == "green")


def test_that_nothing_was_stored_is_urgent_red_long_and_repeated() -> None:
    sound, light = played(NOT_STORED)

    assert [signal for signal in ANSWERS if signal.colour == "red"] == [NOT_STORED]
    assert len(sound) == 10_000
    assert len(starts_of(sound)) == 60
    assert sum(light) >= 9000


@each_other
def test_that_nothing_was_stored_is_the_beginning_of_no_other_signal_nor_the_other_way_round(signal: Signal) -> None:
    for ours, theirs in ((NOT_STORED.beeps, signal.beeps), (NOT_STORED.flashes, signal.flashes)):
        shorter = min(len(ours), len(theirs))
        assert ours[:shorter] != theirs[:shorter]


def test_however_early_it_is_cut_off_what_was_not_stored_never_sounds_like_a_confirmation() -> None:
    assert max(NOT_STORED.beeps[::2]) < signals.SHORT


@each
def test_no_light_flashes_more_than_three_times_in_any_second(signal: Signal) -> None:
    """More can set off a seizure (WCAG 2.2, success criterion 2.3.1)."""
    starts = starts_of(played(signal)[1])

    assert all(sum(begin <= start < begin + 1000 for start in starts) <= 3 for begin in starts)


@each
def test_a_rhythm_that_is_repeated_ends_dark_and_silent_in_both_at_once(signal: Signal) -> None:
    if signal.times != 1:
        assert len(signal.flashes) % 2 == 0
        assert not signal.beeps or (len(signal.beeps) % 2 == 0 and sum(signal.beeps) == sum(signal.flashes))


def test_a_door_that_waits_is_silent() -> None:
    assert IDLE.beeps == ()
    assert IDLE.times == 0


@each
def test_the_steps_hold_both_rhythms_to_the_millisecond(signal: Signal) -> None:
    for rhythm, on in ((signal.beeps, [s.sounds for s in steps(signal)]), (signal.flashes, [s.lit for s in steps(signal)])):
        begins = [0, *accumulate(step.ms for step in steps(signal))]
        wanted = [0, *accumulate(rhythm)]
        for begin, now in zip(begins, on, strict=False):
            passed = sum(edge <= begin for edge in wanted) - 1
            assert now == (passed < len(rhythm) and passed % 2 == 0)


def test_each_answer_has_its_signal() -> None:
    said: list[Answer] = [Confirmed(seq=1, action=action, at=MORNING, queued=1) for action in ("start", "stop", "waiting")]
    said += [AlreadyDone(action="stop", at=MORNING), BadgeNext(), NotUnderstood(why=Why.DAMAGED), NotStored(because="disk full")]

    assert tuple(signal_for(answer) for answer in said) == ANSWERS
