"""Does a line take the calls that an Asterisk hands it, and get over an Asterisk that goes away?"""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from calltime_edge.telephone import asterisk as asterisk_line
from calltime_edge.telephone.asterisk import Asterisk
from calltime_edge.telephone.asterisk_link import Account
from calltime_edge.telephone.calls import Calls
from calltime_edge.telephone.desk import Desk
from calltime_edge.telephone.dialogue import Line
from calltime_edge.telephone.directory import Directory
from calltime_edge.telephone.lockout import Lockout
from calltime_edge.telephone.references import load_or_make
from calltime_edge.watching import Watch
from calltime_wire import jws, records
from calltime_wire.records import Tap
from fixtures.doors import DoorAtWork
from fixtures.exchanges import ScriptedAsterisk
from fixtures.waiting import wait_until

CALLER = {"number": "01872555123", "name": ""}
PIN = "314159"


class AtWork:
    """A line with its agent, its watch and its desk, and an Asterisk that a test plays."""

    def __init__(self, folder: Path, exchange: ScriptedAsterisk, *, password: str = "secret") -> None:  # noqa: S107 # of nobody
        made, directory = load_or_make(folder), Directory(folder)
        directory.add_home(made.of_number("441872555123"), "SU-204")
        directory.add_carer(made.of_pin(PIN), "C-017", "cy")
        self.door = DoorAtWork(folder, line="L1")
        desk = Desk(self.door)
        self.door.agent._feedback = desk
        self.calls = Calls(Line(references=made, directory=directory, lockout=Lockout(lambda: 0.0), ask=desk.ask, languages=("en", "cy")))
        account = Account(address=exchange.address, user="calltime", password=password, app="calltime")
        self.watch = Watch([Asterisk(account, self.calls, desk)], self.door.agent.handle, look_again=0.05)
        self.watch.open()

    def end(self) -> None:
        self.watch.close()
        self.door.outbox.close()

    def taps(self) -> list[Tap]:
        read = [records.decode(jws.split(compact).payload) for _, _, compact in self.door.outbox.log(10)]
        return [record for record in read if isinstance(record, Tap)]


@pytest.fixture
def asterisk() -> Iterator[ScriptedAsterisk]:
    with ScriptedAsterisk("secret") as exchange:
        yield exchange


@pytest.fixture
def line(tmp_path: Path, asterisk: ScriptedAsterisk) -> Iterator[AtWork]:
    at_work = AtWork(tmp_path, asterisk)
    yield at_work
    at_work.end()


def press(asterisk: ScriptedAsterisk, keys: str, *, channel: str = "1700000000.12") -> None:
    for key in keys:
        asterisk.send("ChannelDtmfReceived", digit=key, duration_ms=100, channel={"id": channel})


def test_a_call_is_answered_its_keys_are_gathered_and_what_became_of_it_is_played(asterisk: ScriptedAsterisk, line: AtWork) -> None:
    asterisk.send("StasisStart", application="calltime", args=[], channel={"id": "1700000000.12", "caller": CALLER})
    _, greeting = asterisk.played("en/greeting")
    press(asterisk, PIN)
    asterisk.played("cy/choose")
    press(asterisk, "1")
    playback, told = asterisk.played("cy/started")
    asterisk.send("PlaybackFinished", playback={"id": playback, "state": "done"})
    asterisk.was_told("DELETE", "/ari/channels/1700000000.12")

    assert asterisk.commands[0][:2] == ("POST", "/ari/channels/1700000000.12/answer")
    assert greeting == ["en/greeting", "cy/greeting", "en/key-pin", "cy/key-pin"]
    assert told == ["cy/started", "cy/number-9", "cy/o-clock", "cy/goodbye"]
    [tap] = line.taps()
    assert (tap.data.action, tap.data.place.proof) == ("start", "call=1700000000.12")


def test_a_key_stops_what_is_being_played_and_a_hash_ends_what_is_keyed_in(asterisk: ScriptedAsterisk, line: AtWork) -> None:
    asterisk.send("StasisStart", channel={"id": "1700000000.12", "caller": CALLER})
    playback, _ = asterisk.played("en/greeting")
    press(asterisk, "12#")

    asterisk.was_told("DELETE", f"/ari/playbacks/{playback}")
    asterisk.played("en/wrong-pin")


def test_silence_after_the_question_counts_as_nothing_keyed_in(
    monkeypatch: pytest.MonkeyPatch, asterisk: ScriptedAsterisk, line: AtWork
) -> None:
    monkeypatch.setattr(asterisk_line, "PATIENCE_S", 0.0)
    asterisk.send("StasisStart", channel={"id": "1700000000.12", "caller": CALLER})
    for asked in (["en/greeting", "cy/greeting", "en/key-pin", "cy/key-pin"], ["en/key-pin", "cy/key-pin"], ["en/key-pin", "cy/key-pin"]):
        wait_until(lambda asked=asked: asterisk.played("en/key-pin")[1] == asked, within=10, what="the question")  # type: ignore[misc]
        before = len(asterisk.commands)
        asterisk.send("PlaybackFinished", playback={"id": asterisk.played("en/key-pin")[0]})
        wait_until(lambda before=before: len(asterisk.commands) > before, within=10, what="something else to be played")  # type: ignore[misc]

    assert asterisk.played("en/nothing-heard")[1] == ["en/nothing-heard", "cy/nothing-heard"]
    assert line.taps() == []


def test_whoever_hangs_up_in_the_middle_leaves_no_trace(asterisk: ScriptedAsterisk, line: AtWork) -> None:
    asterisk.send("StasisStart", channel={"id": "1700000000.12", "caller": CALLER})
    asterisk.played("en/greeting")
    press(asterisk, PIN)
    asterisk.played("cy/choose")
    asterisk.send("StasisEnd", channel={"id": "1700000000.12"})
    press(asterisk, "1")
    asterisk.send("StasisStart", channel={"id": "1700000000.13", "caller": {"number": ""}})
    asterisk.played("en/withheld")

    assert line.taps() == []


def test_a_caller_to_whom_nothing_can_be_played_is_not_left_in_silence(asterisk: ScriptedAsterisk, line: AtWork) -> None:
    asterisk.plays = False
    asterisk.send("StasisStart", channel={"id": "1700000000.12", "caller": {"number": ""}})

    asterisk.was_told("DELETE", "/ari/channels/1700000000.12")


def test_an_asterisk_that_goes_away_is_called_again_and_takes_calls_again(asterisk: ScriptedAsterisk, line: AtWork) -> None:
    wait_until(lambda: line.watch.states == {"Asterisk": "ready"}, within=10, what="the line to be ready")
    asterisk.send("StasisStart", channel={"id": "1700000000.12", "caller": CALLER})
    asterisk.played("en/greeting")
    asterisk.hang_up_on_the_line()
    asterisk.send("StasisStart", channel={"id": "1700000000.14", "caller": CALLER})
    press(asterisk, f"{PIN}2", channel="1700000000.14")

    asterisk.played("cy/ended")
    assert len(line.taps()) == 1


def test_a_wrong_password_is_told_and_the_line_is_not_ready(
    tmp_path: Path, asterisk: ScriptedAsterisk, caplog: pytest.LogCaptureFixture
) -> None:
    at_work = AtWork(tmp_path, asterisk, password="another")
    wait_until(lambda: at_work.watch.states == {"Asterisk": "gone"}, within=10, what="the line to be told")
    at_work.end()

    assert "cannot be reached" in caplog.text
    assert "ari.conf" in caplog.text
    assert "another" not in caplog.text.replace("another program", "")


def test_nothing_is_asked_of_the_agent_after_the_caller_was_told_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from calltime_edge.readers.sightings import Called
    from calltime_edge.telephone import desk as desks

    monkeypatch.setattr(desks, "WITHIN_S", 0.05)
    door = DoorAtWork(tmp_path, line="L1")
    desk, stop = Desk(door), threading.Event()

    assert desk.ask(Called(number="tel_a", pin="pin_a", action="start", call="CA1")) is None
    seen = desk.asked(stop, lambda: stop.set() if desk._queue.empty() else None)
    assert list(seen) == []
    door.outbox.close()
