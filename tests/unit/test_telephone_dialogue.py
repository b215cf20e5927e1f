"""What is a caller asked and told, and what of it becomes a record?"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from calltime_edge.answers import Answer
from calltime_edge.readers.sightings import Called
from calltime_edge.telephone.calls import AT_ONCE, Calls
from calltime_edge.telephone.dialogue import Line, Reply
from calltime_edge.telephone.directory import Directory
from calltime_edge.telephone.lockout import A_DAY, DAY_S, FOR_S, Lockout
from calltime_edge.telephone.prompts import Prompt
from calltime_edge.telephone.references import load_or_make
from calltime_wire import jws, records
from calltime_wire.records import Tap
from fixtures.doors import DoorAtWork

AT_MARYS = "01872 555123"
ANNAS, BENS = "314159", "271828"


class Town:
    """A line with one home and two carers, a real agent behind it, and a clock of seconds that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds, self.asked = folder, 0.0, 0
        self.door = DoorAtWork(folder, line="L1")
        self.made = load_or_make(folder, randomness=bytes)
        directory = Directory(folder)
        directory.add_home(self.made.of_number("441872555123"), "SU-204")
        directory.add_carer(self.made.of_pin(ANNAS), "C-017", "en")
        directory.add_carer(self.made.of_pin(BENS), "C-018", "cy")
        self.line = Line(
            references=self.made, directory=directory, lockout=Lockout(lambda: self.seconds), ask=self.ask, languages=("en", "cy")
        )
        self.calls = Calls(self.line, lambda: self.seconds)

    def ask(self, called: Called) -> Answer | None:
        self.asked += 1
        return self.door.sees(called)

    def call(self, *keyed: str, call: str = "CA1", caller: str = AT_MARYS) -> Reply:
        """Call and key in one thing after another; what is said at the end."""
        step, reply = self.calls.answer(call, step=0, caller=caller, digits="")
        for digits in keyed:
            step, reply = self.calls.answer(call, step=step, caller=caller, digits=digits)
        return reply

    def taps(self) -> list[Tap]:
        read = [records.decode(jws.split(compact).payload) for _, _, compact in reversed(self.door.outbox.log(100))]
        return [record for record in read if isinstance(record, Tap)]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.door.outbox.close()


def prompts(reply: Reply) -> list[Prompt]:
    return [spoken.prompt for spoken in reply.said]


def text(reply: Reply) -> str:
    return " ".join(spoken.text for spoken in reply.said)


def test_a_carer_starts_a_visit_and_is_told_when(town: Town) -> None:
    reply = town.call(ANNAS, "1")

    assert text(reply) == "Recorded. You started at nine o'clock. Goodbye."
    assert reply.wants is None
    [tap] = town.taps()
    assert tap.data.action == "start"
    assert (tap.data.place.via, tap.data.place.ref) == ("line", town.made.of_number("441872555123"))
    assert (tap.data.carer.via, tap.data.carer.ref) == ("pin", town.made.of_pin(ANNAS))
    assert tap.data.place.proof == "call=CA1"


def test_neither_the_number_nor_the_pin_nor_a_name_stands_in_the_record(town: Town) -> None:
    town.call(ANNAS, "1")

    [(_, _, compact)] = town.door.outbox.log(1)
    payload = jws.split(compact).payload.decode()
    assert not any(secret in payload for secret in (ANNAS, "872555123", "SU-204", "C-017"))
    kept = (town.folder / "telephone.json").read_text()
    assert not any(secret in kept for secret in (ANNAS, "872555123"))


@pytest.mark.parametrize(("key", "action"), [("1", "start"), ("2", "stop"), ("3", "waiting")])
def test_what_she_does_is_what_she_says_whatever_the_line_knows(town: Town, key: str, action: str) -> None:
    """It did not see what she tapped at the door: the visit that she ends may have begun with a phone that is flat now."""
    town.call(ANNAS, key)

    assert [tap.data.action for tap in town.taps()] == [action]


def test_a_carer_who_speaks_welsh_is_told_in_welsh_once_she_is_known(town: Town) -> None:
    assert [spoken.language for spoken in town.call().said] == ["en", "cy", "en", "cy"]
    assert text(town.call(BENS, "2", call="CA2")) == "Cofnodwyd. Gorffennoch am naw o'r gloch. Hwyl fawr."


@pytest.mark.parametrize("withheld", ["", "anonymous", "Restricted", "+266696687", "sip:anonymous@anonymous.invalid", "12"])
def test_whoever_withholds_the_number_is_told_how_to_show_it(town: Town, withheld: str) -> None:
    reply = town.call(caller=withheld)

    assert set(prompts(reply)) == {Prompt.WITHHELD}
    assert reply.wants is None


def test_a_number_that_is_no_homes_is_not_even_asked_for_a_pin(town: Town) -> None:
    reply = town.call(caller="01872 555124")

    assert set(prompts(reply)) == {Prompt.UNKNOWN_NUMBER}
    assert reply.wants is None


def test_the_same_number_in_any_spelling_is_the_same_home(town: Town) -> None:
    spelt = (
        "+441872555123",
        "00441872555123",
        "441872555123",
        "(01872) 555-123",
        "sip:+441872555123@carrier.example;user=phone",
        "tel:+44-1872-555-123",
    )

    assert {town.call(call=f"CA{n}", caller=each).wants for n, each in enumerate(spelt)} == {"pin"}


def test_after_three_wrong_pins_no_pin_is_looked_at_from_there_for_a_quarter_of_an_hour(town: Town) -> None:
    assert prompts(town.call("000000"))[0] == Prompt.WRONG_PIN
    assert prompts(town.call("000000", "000001", call="CA2")) == [Prompt.LOCKED, Prompt.LOCKED]
    assert set(prompts(town.call(call="CA3"))) == {Prompt.LOCKED}
    town.seconds += FOR_S

    assert prompts(town.call(ANNAS, "1", call="CA4"))[0] == Prompt.STARTED
    assert len(town.taps()) == 1


def test_a_call_that_was_under_way_when_the_number_was_locked_gets_no_further_try(town: Town) -> None:
    step, _ = town.calls.answer("CA1", step=0, caller=AT_MARYS, digits="")
    town.call("000000", "000001", "000002", call="CA2")

    _, reply = town.calls.answer("CA1", step=step, caller=AT_MARYS, digits=ANNAS)
    assert set(prompts(reply)) == {Prompt.LOCKED}


def test_whoever_slips_is_let_in_with_the_right_pin(town: Town) -> None:
    assert prompts(town.call("000000", "000001", ANNAS, "3"))[0] == Prompt.WAITING


def test_an_own_pin_between_guesses_at_anothers_wipes_none_of_them_out(town: Town) -> None:
    town.call("000000", "000001", ANNAS)

    assert set(prompts(town.call("000002", call="CA2"))) == {Prompt.LOCKED}
    assert set(prompts(town.call(call="CA3"))) == {Prompt.LOCKED}


def test_after_a_hundred_wrong_pins_in_a_day_one_alone_locks_its_number_for_a_day_and_no_other_number(town: Town) -> None:
    at_johns = "01872 555999"
    town.line.directory.add_home(town.made.of_number("441872555999"), "SU-205")
    for number in range(A_DAY - 1):
        town.line.lockout.wrong(f"tel_{number}")
    assert town.call(call="CA1").wants == "pin"

    assert set(prompts(town.call("000000", call="CA2"))) == {Prompt.LOCKED_FOR_THE_DAY}
    town.seconds += DAY_S - 1
    assert set(prompts(town.call(call="CA3"))) == {Prompt.LOCKED_FOR_THE_DAY}
    assert prompts(town.call(ANNAS, "1", call="CA4", caller=at_johns))[0] == Prompt.STARTED
    town.seconds += 1
    assert prompts(town.call(ANNAS, "2", call="CA5"))[0] == Prompt.ENDED


def test_whoever_keys_in_nothing_is_asked_three_times_and_hung_up_on(town: Town) -> None:
    assert town.call("", "").wants == "pin"
    assert set(prompts(town.call("", "", "", call="CA2"))) == {Prompt.NOTHING_HEARD}
    assert prompts(town.call(ANNAS, "9", "", "7", call="CA3")) == [Prompt.NOTHING_HEARD]
    assert town.taps() == []


def test_hanging_up_in_the_middle_leaves_no_trace(town: Town) -> None:
    town.call(ANNAS)
    town.calls.forget("CA1")

    assert town.taps() == []


def test_one_call_is_one_tap_however_often_the_exchange_asks(town: Town) -> None:
    first = town.call(ANNAS, "1")
    again = [town.calls.answer("CA1", step=2, caller=AT_MARYS, digits=digits)[1] for digits in ("1", "1", "2")]

    assert again == [first] * 3
    assert (town.asked, len(town.taps())) == (1, 1)


def test_of_more_calls_than_are_kept_the_first_begins_anew_and_no_new_one_is_turned_away(town: Town) -> None:
    for number in range(AT_ONCE + 1):
        assert town.call(call=f"CA{number}").wants == "pin"

    step, reply = town.calls.answer("CA0", step=1, caller=AT_MARYS, digits=ANNAS)
    assert (step, reply.wants) == (1, "pin")  # her digits are not taken for a PIN
    assert prompts(town.call(ANNAS, "1", call="CA0"))[0] == Prompt.STARTED


def test_one_call_is_one_tap_even_if_the_line_was_started_again_in_the_middle(town: Town) -> None:
    first = town.call(ANNAS, "1")
    town.door.outbox.close()
    after = Town(town.folder)
    after.door.clock.wait(minutes=5)

    step, reply = after.calls.answer("CA1", step=2, caller=AT_MARYS, digits="1")
    assert (step, reply.wants) == (1, "pin")  # her digits are not taken for a PIN
    assert text(after.call(ANNAS, "1")) == text(first)
    assert len(after.taps()) == 1
    after.door.outbox.close()


def test_whoever_calls_again_in_a_minute_and_says_the_same_is_told_that_nothing_changed(town: Town) -> None:
    town.call(ANNAS, "1")
    town.door.clock.wait(seconds=50)

    assert text(town.call(ANNAS, "1", call="CA2")) == "Nothing was changed. You had already started at nine o'clock. Goodbye."
    assert prompts(town.call(ANNAS, "2", call="CA3"))[0] == Prompt.ENDED
    assert [tap.data.action for tap in town.taps()] == ["start", "stop"]


def test_nothing_is_confirmed_that_could_not_be_written(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(town.door.outbox, "add", full)

    assert prompts(town.call(ANNAS, "1"))[0] == Prompt.NOT_RECORDED


def test_where_nobody_can_say_whether_it_was_recorded_she_is_told_so(tmp_path: Path, town: Town) -> None:
    silent = Line(
        references=town.made, directory=town.line.directory, lockout=town.line.lockout, ask=lambda _: None, languages=("en", "cy")
    )
    town.calls = Calls(silent)

    assert prompts(town.call(ANNAS, "1"))[0] == Prompt.NOT_KNOWN


def test_a_pin_that_was_taken_away_opens_nothing_and_a_new_one_ends_the_old(town: Town) -> None:
    town.line.directory.forget("C-017")
    town.line.directory.add_carer(town.made.of_pin("161803"), "C-018", "en")

    for number, pin in enumerate((ANNAS, BENS)):
        assert prompts(town.call(pin, call=f"CA{number}"))[0] == Prompt.WRONG_PIN
    assert town.call("161803", call="CA9").wants == "choice"


def test_a_list_that_cannot_be_read_records_nothing_and_says_so(town: Town) -> None:
    (town.folder / "telephone.json").write_text("{")

    assert set(prompts(town.call())) == {Prompt.NOT_RECORDED}


def test_an_id_of_a_call_that_no_record_could_hold_is_not_answered(town: Town) -> None:
    for call in ("", "a b", "x" * 65):
        assert set(prompts(town.call(call=call))) == {Prompt.NOT_RECORDED}
