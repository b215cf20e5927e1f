"""What does each signal mean? One page in large print for the door of the fridge, drawn from the numbers that the door plays."""

import sys
from dataclasses import dataclass
from gettext import NullTranslations
from html import escape
from itertools import accumulate
from typing import get_args

from calltime_edge import signals
from calltime_edge.signals import LONG, Colour, Signal
from calltime_edge.words.language import Language, words_of

MM_A_SECOND = 44
PAINT: dict[Colour, str] = {"green": "#00a651", "amber": "#ffb000", "red": "#d0021b"}
# A shape as well as a colour: circle, triangle, square.
LAMP: dict[Colour, str] = {
    "green": '<circle cx="4" cy="12.5" r="3.4"{}/>',
    "amber": '<path d="M4 8.8 L7.7 15.8 L0.3 15.8 Z"{}/>',
    "red": '<rect x="0.7" y="9.2" width="6.6" height="6.6"{}/>',
}
BELL = '<path d="M0.6 2.6 H2.8 L5.4 0.6 V7.4 L2.8 5.4 H0.6 Z M6.4 2.2 Q7.8 4 6.4 5.8" fill="#000" stroke="#000" stroke-width="0.5"/>'

STYLE = """
@page { size: A4; margin: 9mm 12mm }
* { box-sizing: border-box }
body { font: 14pt/1.25 Arial, Helvetica, "Liberation Sans", "DejaVu Sans", sans-serif; color: #000; background: #fff; margin: 0 auto;
    max-width: 186mm; -webkit-print-color-adjust: exact; print-color-adjust: exact }
h1 { font-size: 22pt; margin: 0 0 2mm }
p { margin: 0 0 1.5mm }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 }
td { border-top: 0.5mm solid #000; padding: 1.1mm 0; vertical-align: middle }
td:first-child { width: 72mm; padding-right: 4mm }
td b { font-size: 17pt; display: block }
svg { width: 58mm; height: 16.5mm; display: block }
.not-recorded td { border: 1mm solid #d0021b; border-right-width: 0; padding-left: 2mm }
.not-recorded td + td { border-right-width: 1mm; border-left-width: 0 }
.office { border: 0.5mm solid #000; padding: 2.5mm; margin: 0; font-weight: bold }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`signal` None: nothing is heard and nothing is seen."""

    signal: Signal | None
    means: str
    then: str


def page(language: Language) -> str:
    """Write the whole page."""
    words = words_of(language)
    title = words.gettext("What the reader tells you")
    rows = "\n".join(_row(row, words) for row in _rows(words))
    ready = words.gettext("A short green flash every {seconds} seconds: the reader is ready.").format(
        seconds=sum(signals.IDLE.flashes) // 1000
    )
    return f"""<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<title>Calltime: {_html(title)}</title>
<style>{STYLE}</style>
<h1>{_html(title)}</h1>
<p><b>{_html(words.gettext("A long beep and a green light: your tap is recorded."))}</b><br>
{_html(words.gettext("Only short beeps: nothing new was recorded."))}</p>
<table>
{rows}
</table>
<p>{_html(words.gettext("Started when you leave, or Ended when you come? A tap was forgotten: tell the office."))}<br>
{_html(ready)}</p>
<p class="office">{_html(words.gettext("The office's telephone number:"))}</p>
</html>
"""


def _rows(words: NullTranslations) -> tuple[Row, ...]:
    return (
        Row(signal=signals.STARTED, means=words.gettext("Started"), then=words.gettext("Your start is recorded.")),
        Row(signal=signals.ENDED, means=words.gettext("Ended"), then=words.gettext("Your end is recorded.")),
        Row(
            signal=signals.WAITING,
            means=words.gettext("Waiting"),
            then=words.gettext("Not let in yet? Hold your badge on until you hear this. Tap again when you are let in."),
        ),
        Row(
            signal=signals.ALREADY_DONE,
            means=words.gettext("Already done"),
            then=words.gettext("You tapped a moment ago. To end the visit, wait one minute and tap again."),
        ),
        Row(
            signal=signals.BADGE_NEXT,
            means=words.gettext("Now your badge"),
            then=words.gettext("The waiting tag was read. Hold your badge to the reader."),
        ),
        Row(
            signal=signals.NOT_UNDERSTOOD,
            means=words.gettext("Not read"),
            then=words.gettext("Hold your badge to the reader, alone and still, until you hear the answer."),
        ),
        Row(
            signal=signals.NOT_STORED,
            means=words.gettext("NOT RECORDED"),
            then=words.gettext("Write the time down and tell the office."),
        ),
        Row(
            signal=None,
            means=words.gettext("No sound and no light"),
            then=words.gettext("Perhaps not recorded. Write the time down and tell the office."),
        ),
    )


def _row(row: Row, words: NullTranslations) -> str:
    marked = ' class="not-recorded"' if row.signal in (signals.NOT_STORED, None) else ""
    left = "" if row.signal is None else f"{_picture(row.signal)}\n{_html(_caption(row.signal, words))}"
    return f"<tr{marked}><td>{left}</td><td><b>{_html(row.means)}</b>{_html(row.then)}</td></tr>"


def _picture(signal: Signal) -> str:
    """Draw the first second: above what is heard, below what is seen. The caption says the same in words."""
    black, paint = ' fill="#000"', f' fill="{PAINT[signal.colour]}" stroke="#000" stroke-width="0.5"'
    heard = f"{BELL}{_bars(signal.beeps, 0.8, black)}"
    seen = f"{LAMP[signal.colour].format(paint)}{_bars(signal.flashes, 9.3, paint)}"
    return f'<svg viewBox="0 0 58 16.5" aria-hidden="true">{heard}{seen}</svg>'


def _bars(rhythm: tuple[int, ...], top: float, paint: str) -> str:
    begins = (0, *accumulate(rhythm))
    return "".join(
        f'<rect x="{11 + begin * MM_A_SECOND / 1000:g}" y="{top}" width="{ms * MM_A_SECOND / 1000:g}" height="6.4"{paint}/>'
        for begin, ms in list(zip(begins, rhythm, strict=False))[::2]
    )


def _caption(signal: Signal, words: NullTranslations) -> str:
    colour = {"green": words.gettext("green"), "amber": words.gettext("amber"), "red": words.gettext("red")}[signal.colour]
    if signal.times > 1:
        seconds = signal.times * sum(signal.beeps) // 1000
        heard = words.gettext("rattle, {seconds} seconds").format(seconds=seconds)
    else:
        heard = " – ".join(words.gettext("long") if ms >= LONG else words.gettext("short") for ms in signal.beeps[::2])
    return f"{heard}; {colour}"


def _html(text: str) -> str:
    return escape(text, quote=False)


if __name__ == "__main__":
    for chosen in get_args(Language):
        if sys.argv[1:] == [chosen]:
            sys.stdout.write(page(chosen))
