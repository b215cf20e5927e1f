"""What does a door's display look like? Takes docs/pictures/door-display.png: English on the left, Welsh on the right."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from PIL import Image

from calltime_edge.answers import AlreadyDone, Answer, Confirmed, NotStored, NotUnderstood
from calltime_edge.display import HEIGHT, WIDTH, draw
from calltime_edge.display_pages import DoorState, answer_page, idle_page
from calltime_edge.readers.sightings import Why
from calltime_edge.words.language import Language, words_of

TIMES, GAP = 2, 10
AT = datetime(2026, 10, 5, 7, 4, tzinfo=UTC)
ALONE = DoorState(queued=3, online=False, knows_time=True, readers_ready=True)
ANSWERS: tuple[Answer, ...] = (
    Confirmed(seq=1, action="start", at=AT, queued=1),
    Confirmed(seq=2, action="stop", at=AT, queued=3),
    AlreadyDone(action="stop", at=AT),
    NotUnderstood(why=Why.TAKEN_AWAY),
    NotStored(because="disk full"),
)

columns = []
for language in get_args(Language):
    words = words_of(language)
    pages = [idle_page(words, now=AT, state=ALONE), *(answer_page(each, words, now=AT, state=None) for each in ANSWERS)]
    # Three pages above each other, twice, so that the picture is not taller than wide.
    columns += [pages[:3], pages[3:]]

width, height = WIDTH * TIMES + GAP, HEIGHT * TIMES + GAP
sheet = Image.new("L", (width * len(columns) + GAP, height * 3 + GAP), 110)
for across, column in enumerate(columns):
    for down, page in enumerate(column):
        drawn = draw(page).convert("L").resize((WIDTH * TIMES, HEIGHT * TIMES))
        sheet.paste(drawn, (GAP + across * width, GAP + down * height))
sheet.save(Path(__file__).with_name("door-display.png"), optimize=True)
