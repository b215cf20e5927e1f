"""Are signals played on pins as they are written, does the newest cut off the one before, and does the door go on when a part fails?"""

import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from calltime_edge import feedback, signals
from calltime_edge.answers import Confirmed
from calltime_edge.feedback_player import Instrument, Pause, Player
from calltime_edge.signals import ENDED, IDLE, NOT_STORED, STARTED, Signal
from calltime_edge.signals_player import Pins
from fixtures.doors import MORNING
from fixtures.waiting import wait_until

BUZZER, GREEN, AMBER, RED = 17, 22, 23, 24
SILENCE = Signal(colour="green", beeps=(), flashes=(0, 1000), times=0)


@pytest.fixture
def board() -> Iterator[MockFactory]:
    """The pins of a Raspberry Pi, as gpiozero itself gives them to tests."""
    factory = MockFactory()
    yield factory
    factory.close()


@pytest.fixture
def player(board: MockFactory) -> Iterator[Player[Signal]]:
    playing = Player(
        "buzzer and lights", lambda: Pins(buzzer=BUZZER, lights={"green": GREEN, "amber": AMBER, "red": RED}, factory=board), idle=SILENCE
    )
    wait_until(lambda: playing._instrument, within=5, what="the pins")
    yield playing
    playing.close()


def beeps(board: MockFactory, pin: int = BUZZER) -> int:
    """How often it was switched on."""
    return sum(bool(state.state) for state in board.pin(pin).states)


@pytest.mark.parametrize("signal", [STARTED, ENDED, signals.WAITING, signals.BADGE_NEXT])
def test_a_signal_is_played_beep_by_beep_and_flash_by_flash(player: Player[Signal], board: MockFactory, signal: Signal) -> None:
    light = {"green": GREEN, "amber": AMBER, "red": RED}[signal.colour]
    player.play(signal)
    wait_until(lambda: beeps(board) == len(signal.beeps[::2]) and not board.pin(BUZZER).state, within=5, what="the last beep")

    assert beeps(board, light) == len(signal.flashes[::2])
    assert sum(beeps(board, pin) for pin in (GREEN, AMBER, RED)) == len(signal.flashes[::2])


def test_a_newer_answer_cuts_off_the_one_before(player: Player[Signal], board: MockFactory) -> None:
    player.play(NOT_STORED)
    wait_until(lambda: beeps(board) == 2, within=5, what="the alarm")
    player.play(STARTED)
    wait_until(lambda: board.pin(GREEN).state, within=5, what="the green light")
    assert not board.pin(RED).state
    heard = beeps(board)
    wait_until(lambda: not board.pin(GREEN).state, within=5, what="the end of it")

    assert beeps(board) == heard <= 4  # the alarm has sixty
    assert not board.pin(BUZZER).state


def test_a_door_that_ends_in_mid_beep_is_silent_and_gives_its_pins_back(player: Player[Signal], board: MockFactory) -> None:
    player.play(NOT_STORED)
    wait_until(lambda: board.pin(RED).state, within=5, what="the alarm")
    player.close()

    assert not board.pin(RED).state
    assert board.pin(BUZZER).function == "input"
    Pins(buzzer=BUZZER, lights={}, factory=board).close()


def test_a_confirmation_that_has_begun_is_heard_to_its_end_and_the_next_answer_begins_after_it(
    player: Player[Signal], board: MockFactory
) -> None:
    """Half of a long beep would be "already done", and half of two would be "started"."""
    player.play(ENDED)
    wait_until(lambda: board.pin(BUZZER).state, within=5, what="the first long beep")
    player.play(signals.ALREADY_DONE)
    wait_until(lambda: board.pin(AMBER).state, within=5, what="the next answer")
    states = [bool(state.state) for state in board.pin(BUZZER).states]
    lasted = [state.timestamp for state in board.pin(BUZZER).states]
    on = [at for at, now in enumerate(states) if now]

    assert len(on) == 3
    assert all(lasted[at] >= 0.39 for at in (on[0] + 1, on[1] + 1))


def test_a_door_that_ends_lets_a_confirmation_finish(player: Player[Signal], board: MockFactory) -> None:
    player.play(ENDED)
    wait_until(lambda: board.pin(BUZZER).state, within=5, what="the first long beep")
    player.close()

    assert beeps(board) == 2


def test_a_colour_that_is_not_fitted_stays_dark(board: MockFactory) -> None:
    player = Player("lights", lambda: Pins(buzzer=None, lights={"green": GREEN}, factory=board), idle=SILENCE)
    wait_until(lambda: player._instrument, within=5, what="the pin")
    player.play(signals.ALREADY_DONE)
    player.play(STARTED)
    wait_until(lambda: board.pin(GREEN).state, within=5, what="the green light")
    player.close()

    assert beeps(board, AMBER) == 0


def test_a_door_that_waits_shows_that_it_is_there(board: MockFactory) -> None:
    player = Player("lights", lambda: Pins(buzzer=BUZZER, lights={"green": GREEN}, factory=board), idle=IDLE)
    wait_until(lambda: player._instrument and beeps(board, GREEN) == 1, within=5, what="a green flash")
    player.close()

    assert beeps(board) == 0


def test_a_door_whose_readers_are_lost_stops_to_flash_at_once_and_an_answer_is_played_all_the_same(board: MockFactory) -> None:
    player = Player("lights", lambda: Pins(buzzer=BUZZER, lights={"green": GREEN}, factory=board), idle=IDLE)
    wait_until(lambda: player._instrument and beeps(board, GREEN) == 1, within=5, what="a green flash")
    player.idle(signals.DARK)
    player.play(STARTED)
    wait_until(lambda: beeps(board) == 1, within=5, what="the answer")
    player.idle(IDLE)
    wait_until(lambda: beeps(board, GREEN) == 3, within=5, what="a flash after the answer")
    player.close()

    assert beeps(board) == 1


def test_a_door_flashes_only_while_a_reader_is_ready(board: MockFactory) -> None:
    fitted = feedback.Fitted("en", lambda: MORNING)
    fitted.add_signals(lambda: Pins(buzzer=BUZZER, lights={"green": GREEN}, factory=board))
    for flashes in (1, 2):
        fitted.state(queued=0, online=True, knows_time=True, readers_ready=False)
        fitted.state(queued=0, online=True, knows_time=True, readers_ready=True)
        wait_until(lambda flashes=flashes: beeps(board, GREEN) == flashes, within=5, what="a green flash")  # type: ignore[misc]
    fitted.state(queued=0, online=True, knows_time=True, readers_ready=False)
    wait_until(lambda: not board.pin(GREEN).state, within=5, what="darkness")
    fitted.close()


def test_a_pipe_that_nobody_reads_holds_up_no_answer(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    reading, writing = os.pipe()
    fitted = feedback.Fitted("en", lambda: MORNING)
    with os.fdopen(reading, "rb"), os.fdopen(writing, "w", encoding="utf-8") as pipe:
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        monkeypatch.setattr(sys, "stdout", pipe)
        answers = [Confirmed(seq=1, action="start", at=MORNING, queued=1)] * 1000
        shown = threading.Thread(target=lambda: list(map(fitted.show, answers)), daemon=True)
        shown.start()
        shown.join(10)
        assert not shown.is_alive()

    assert [record.message for record in caplog.records] == [
        "answers cannot be written to standard output ([Errno 11] nobody reads them); taps go on"
    ]


def test_the_library_makes_its_pipe_where_this_program_may_write() -> None:
    assert Path(os.environ["LG_WD"]).is_dir()


def test_a_pin_that_somebody_else_has_is_told_once_and_taken_when_it_is_free(board: MockFactory, caplog: pytest.LogCaptureFixture) -> None:
    theirs = Pins(buzzer=BUZZER, lights={}, factory=board)
    player = Player("buzzer", lambda: Pins(buzzer=BUZZER, lights={"green": GREEN}, factory=board), idle=SILENCE, look_again=0.01)
    wait_until(lambda: caplog.records, within=5, what="a warning")
    theirs.close()
    player.play(STARTED)
    wait_until(lambda: player._instrument, within=5, what="the pins")
    player.play(STARTED)
    wait_until(lambda: beeps(board) >= 1, within=5, what="a beep")
    player.close()

    assert [record.levelname for record in caplog.records if record.levelname == "WARNING"] == ["WARNING"]
    assert "Check its wires and settings; taps go on." in caplog.text


class Wobbly:
    """An instrument whose cable comes off when it plays "bad"."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def play(self, what: str, pause: Pause) -> None:
        if what == "bad":
            raise OSError(121, "Remote I/O error")
        self._heard.append(what)
        pause(60)

    def close(self) -> None:
        raise OSError(121, "Remote I/O error")


def test_an_instrument_that_was_unplugged_is_told_once_and_found_again(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    heard: list[str] = []
    fitted: list[Instrument[str]] = []

    def fit() -> Instrument[str]:
        fitted.append(Wobbly(heard))
        return fitted[-1]

    player = Player("display", fit, idle="idle", look_again=60)
    wait_until(lambda: heard == ["idle"], within=5, what="idling")
    for many in (1, 2):
        player.play("bad")
        wait_until(lambda many=many: len(fitted) >= many and player._instrument is None, within=5, what="the failure")  # type: ignore[misc]
    player.play("good")
    wait_until(lambda: heard[-1] == "good", within=5, what="playing again")
    player.close()

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_showing_does_not_wait_for_anything(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither for a library that is being imported nor for an instrument that hangs."""
    let_go = threading.Event()

    def hang() -> Instrument[Signal]:
        let_go.wait(60)
        raise OSError

    fitted = feedback.Fitted("en", lambda: MORNING)
    fitted.add_signals(hang)
    begun = time.monotonic()
    for _ in range(100):
        fitted.show(Confirmed(seq=1, action="start", at=MORNING, queued=1))
    took = time.monotonic() - begun
    let_go.set()
    fitted.close()

    assert took < 5  # an instrument that hangs for a minute held up nobody
    assert capsys.readouterr().out.count("\n") == 100


def test_a_door_without_the_library_goes_on_with_words(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero", None)
    monkeypatch.delitem(sys.modules, "calltime_edge.signals_player")
    fitted = feedback.make(buzzer_pin=17)
    wait_until(lambda: caplog.records, within=5, what="a warning")
    fitted.show(Confirmed(seq=1, action="start", at=MORNING, queued=1))
    fitted.close()

    assert capsys.readouterr().out == "✓ Started 09:00.\n"
    assert "gpiozero" in caplog.text
