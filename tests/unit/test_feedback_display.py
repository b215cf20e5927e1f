"""What does the display show, in which letters, and is it dim in between?"""

from datetime import timedelta
from typing import Any

import pytest
from luma.core.device import dummy
from PIL import Image, ImageDraw, ImageFont

from calltime_edge import display, feedback
from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.display import HEIGHT, WIDTH, Display, draw
from calltime_edge.display_pages import DoorState, Page, answer_page, idle_page
from calltime_edge.feedback import Fitted
from calltime_edge.readers.sightings import Why
from calltime_edge.words.language import Language, words_of
from fixtures.doors import MORNING
from fixtures.waiting import wait_until

ENGLISH = words_of("en")
WELL = DoorState(queued=1, online=True, knows_time=True, readers_ready=True)
ALONE = DoorState(queued=2, online=False, knows_time=True, readers_ready=True)
LOST_IN_TIME = DoorState(queued=2, online=False, knows_time=False, readers_ready=True)
DEAF = DoorState(queued=2, online=False, knows_time=True, readers_ready=False)
STARTED = Confirmed(seq=1, action="start", at=MORNING, queued=1)


def page(answer: Answer, state: DoorState | None = WELL) -> Page:
    return answer_page(answer, ENGLISH, now=MORNING + timedelta(minutes=1), state=state)


def idling(state: DoorState | None) -> Page:
    return idle_page(ENGLISH, now=MORNING, state=state)


def every_page(language: Language) -> list[Page]:
    words = words_of(language)
    said: list[Answer] = [Confirmed(seq=1, action=action, at=MORNING, queued=99) for action in ("start", "stop", "waiting")]
    said += [AlreadyDone(action="stop", at=MORNING), BadgeNext(), NotStored(because="full"), *(NotUnderstood(why=why) for why in Why)]
    states = (WELL, ALONE, LOST_IN_TIME, DEAF)
    return [idle_page(words, now=MORNING, state=state) for state in states] + [
        answer_page(answer, words, now=MORNING, state=state) for answer in said for state in states
    ]


def test_an_answer_stands_in_large_letters_with_its_london_time() -> None:
    assert page(STARTED) == Page(heading="Started", large="09:00")


def test_records_that_wait_are_told_to_be_safe() -> None:
    assert page(Confirmed(seq=1, action="stop", at=MORNING, queued=2)).small == "2 records waiting, safe here."


def test_what_was_done_already_says_what_and_when() -> None:
    assert page(AlreadyDone(action="stop", at=MORNING)) == Page(heading="Already done", large="09:00", small="Ended")


def test_what_was_not_understood_says_what_next() -> None:
    assert page(NotUnderstood(why=Why.DAMAGED)).small == "Tell the office: the tag must be replaced."


def test_what_was_not_stored_shows_the_time_to_write_down() -> None:
    written = "Write the time down and tell the office."

    assert page(NotStored(because="disk full")) == Page(heading="NOT RECORDED", large="09:01", small=written, urgent=True)


def test_a_door_that_does_not_know_the_time_shows_none() -> None:
    assert page(STARTED, LOST_IN_TIME).large == "✓"
    assert page(NotStored(because="disk full"), LOST_IN_TIME).large == ""
    assert idling(LOST_IN_TIME) == Page(heading="Ready", small="No connection. The clock is not set yet. Taps are kept.")


def test_in_between_it_shows_the_time_the_connection_and_what_waits() -> None:
    assert idling(None) == Page(heading="", large="09:00")
    assert idling(WELL) == Page(heading="Ready", large="09:00")
    assert idling(ALONE) == Page(heading="Ready", large="09:00", small="No connection. 2 records waiting, safe here.")


def test_a_door_whose_readers_do_not_answer_says_so_and_never_that_it_is_ready() -> None:
    said = "Write the time down and tell the office."

    assert idling(DEAF) == Page(heading="Reader does not answer", small=said)


@pytest.mark.parametrize("language", ["en", "cy"])
def test_every_page_is_drawn_within_the_glass(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = ImageDraw.ImageDraw.text
    outside: list[str] = []

    def watched(pen: ImageDraw.ImageDraw, xy: tuple[int, int], text: str, **how: Any) -> None:
        left, top, right, bottom = pen.textbbox(xy, text, font=how["font"], anchor=how["anchor"])
        if left < -1 or top < -1 or right > WIDTH + 1 or bottom > HEIGHT + 1:
            outside.append(text)
        drawn(pen, xy, text, **how)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", watched)
    for one in every_page(language):
        draw(one)

    assert outside == []


def test_no_two_answers_look_alike() -> None:
    said: list[Answer] = [Confirmed(seq=1, action=action, at=MORNING, queued=1) for action in ("start", "stop", "waiting")]
    said += [AlreadyDone(action="stop", at=MORNING), BadgeNext(), NotUnderstood(why=Why.DAMAGED), NotStored(because="full")]
    seen = {draw(page(answer)).tobytes() for answer in said} | {draw(idling(WELL)).tobytes()}

    assert len(seen) == len(said) + 1


def test_what_was_not_stored_is_dark_on_light_and_the_rest_light_on_dark() -> None:
    def light(image: Image.Image) -> int:
        return image.histogram()[-1]

    assert light(draw(page(NotStored(because="full")))) > WIDTH * HEIGHT // 2
    assert light(draw(page(STARTED))) < WIDTH * HEIGHT // 2


def test_where_the_font_has_no_welsh_letters_they_lose_their_accents() -> None:
    bare = ImageFont.load_default(12)

    assert display._letters("Dim sŵn, ffôn, ŷd ✓", bare) == "Dim swn, ffon, yd OK"


@pytest.fixture
def glass() -> dummy:
    """The device that luma itself gives to tests."""
    device = dummy(width=WIDTH, height=HEIGHT, mode="1")
    device.persist = True  # it is looked at after it was switched off
    return device


def test_an_answer_is_shown_at_once_and_the_time_before_it(glass: dummy, capsys: pytest.CaptureFixture[str]) -> None:
    fitted = Fitted("en", lambda: MORNING)
    fitted.state(queued=0, online=True, knows_time=True, readers_ready=True)
    fitted.add_display(lambda idle: Display(glass, idle))
    wait_until(lambda: glass.image and glass.image.tobytes() == draw(idling(WELL)).tobytes(), within=5, what="the time")
    fitted.show(STARTED)
    wait_until(lambda: glass.image.tobytes() == draw(page(STARTED)).tobytes(), within=5, what="the answer")
    fitted.close()


def test_the_time_in_between_moves_and_is_dim(glass: dummy) -> None:
    now = MORNING
    pauses: list[float] = []
    contrasts: list[int] = []
    glass.contrast = contrasts.append

    def pause(seconds: float) -> bool:
        nonlocal now
        pauses.append(seconds)
        now += timedelta(minutes=1)
        return len(pauses) < 2

    Display(glass, lambda: idle_page(ENGLISH, now=now, state=None)).play(None, pause)

    assert glass.image.tobytes() == draw(Page(heading="", large="09:01")).tobytes()
    assert contrasts == [display.DIM]
    Display(glass, lambda: idling(None)).play(page(STARTED), pause)
    assert contrasts == [display.DIM, display.BRIGHT]


def test_a_display_that_is_not_there_is_told_once_and_the_door_goes_on(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = feedback.make(display="ssd1306", now=lambda: MORNING)
    wait_until(lambda: caplog.records, within=5, what="a warning")
    fitted.show(STARTED)
    fitted.close()

    assert capsys.readouterr().out == "✓ Started 09:00.\n"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
