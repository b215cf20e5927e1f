"""How does a page come onto the display? Drawn with Pillow, sent by luma.oled: the one file of the door that imports either."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Literal, TypeAlias

from luma.core.interface.serial import i2c
from luma.oled.device import sh1106, ssd1306
from PIL import Image, ImageDraw, ImageFont

from calltime_edge.display_pages import Page
from calltime_edge.feedback_player import Pause

Kind: TypeAlias = Literal["ssd1306", "sh1106"]

SIZE = WIDTH, HEIGHT = 128, 64
SHOWN_FOR, URGENT_FOR = 8.0, 60.0
"""Seconds that an answer stays."""
BRIGHT, DIM = 255, 40
"""Contrast for an answer, and in between: these displays fade where they are lit for years."""
LARGE_FONT, SMALL_FONT = "DejaVuSans-Bold.ttf", "DejaVuSans.ttf"
"""Debian's fonts-dejavu-core: it has the letters of Welsh, and Pillow's own font has not."""
SIZES = (40, 36, 32, 28, 24, 20, 16, 14, 12, 11, 10)
"""Of letters. Few, because each stays in memory: below the last nobody can read."""
SMALL = 12
"""The size up to which bold letters run into each other."""
_NOTHING = 0xE3

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Display:
    """A display of 128 × 64 points; any device of luma will do."""

    def __init__(self, device: Any, idle: Callable[[], Page]) -> None:
        """`idle` is asked every second what to show while nothing else is."""
        self._device = device
        self._idle = idle

    def play(self, what: Page | None, pause: Pause) -> None:
        """Show a page for its time; None is idling."""
        if what is not None:
            self._device.contrast(BRIGHT)
            self._device.display(draw(what).convert(self._device.mode))
            pause(URGENT_FOR if what.urgent else SHOWN_FOR)
            return
        self._device.contrast(DIM)
        shown = None
        while True:
            page = self._idle()
            if page != shown:
                self._device.display(draw(page).convert(self._device.mode))
                shown = page
            if not pause(1.0):
                return

    def close(self) -> None:
        """Switch it off."""
        self._device.cleanup()


def fit(kind: Kind, address: int, idle: Callable[[], Page]) -> Display:
    """Find a display on the first I²C bus. Raises what luma raises: no bus, nothing at that address."""
    bus = i2c(port=1, address=address)
    try:
        # luma keeps every device until the program ends, so one that is not there must be found out before it is made.
        bus.command(_NOTHING)
        return Display((ssd1306 if kind == "ssd1306" else sh1106)(bus), idle)
    except BaseException:
        bus.cleanup()
        raise


def draw(page: Page) -> Image.Image:
    """Draw a page, light on dark: the heading on top, what is small below, what is large in the room between."""
    image = Image.new("1", SIZE, 0)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"
    heading = _largest(page.heading, 16 if page.large and page.small else 20, HEIGHT)
    top = _write(pen, [page.heading], heading, 0)
    room = HEIGHT - top
    lines, small = _wrapped(page.small, 14, room // 2 if page.large else room)
    below = HEIGHT - _height(small) * len(lines)
    if page.large:
        large = _largest(page.large, 40, below - top)
        _write(pen, [page.large], large, (top + below - _height(large)) // 2)
    _write(pen, lines, small, below if page.large else (top + below) // 2)
    return image.point(lambda point: 255 - point) if page.urgent else image


def _write(pen: ImageDraw.ImageDraw, lines: list[str], font: Font, top: int) -> int:
    """Write lines in the middle; return where the next one would begin."""
    for line in lines:
        pen.text((WIDTH // 2, top + _height(font) // 2), _letters(line, font), fill=255, font=font, anchor="mm")
        top += _height(font)
    return top


def _wrapped(text: str, largest: int, height: int) -> tuple[list[str], Font]:
    """Break a text into lines, in the largest letters with which it fits."""
    for font in _fonts(largest):
        lines = _lines(text, font)
        if len(lines) * _height(font) <= height:
            break
    return lines, font


def _lines(text: str, font: Font) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(_letters(longer, font)) <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _largest(text: str, largest: int, height: int) -> Font:
    """Choose the largest letters with which a line fits."""
    for font in _fonts(largest):
        if _height(font) <= height and font.getlength(_letters(text, font)) <= WIDTH:
            break
    return font


def _fonts(largest: int) -> Iterator[Font]:
    """From so large to the smallest; each is loaded only when its turn comes."""
    return (_font(size) for size in SIZES if size <= largest)


@cache
def _font(size: int) -> Font:
    try:
        return ImageFont.truetype(SMALL_FONT if size <= SMALL else LARGE_FONT, size)
    except OSError:  # not installed
        return ImageFont.load_default(size)


@cache
def _height(font: Font) -> int:
    _, top, _, bottom = font.getbbox("Äg", anchor="ls")
    return int(bottom - top)


def _letters(text: str, font: Font) -> str:
    """Take the accents off where the font has none: a bare letter can be read, an empty box cannot."""
    if isinstance(font, ImageFont.FreeTypeFont) and font.getname()[0] == "DejaVu Sans":
        return text
    plain = unicodedata.normalize("NFKD", text).replace("✓", "OK")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
