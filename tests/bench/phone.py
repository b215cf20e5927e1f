"""How long does a carer wait for her phone, and what does a tap cost her in bytes? JSON lines.

Run as `PYTHONPATH=tests python -m bench.phone` (`make bench-phone`): the app in a real Chromium whose pages get a sixth of the processor,
before a whole Calltime on this machine. Confirmed means that the confirmation stands in a frame that was painted, after the record was
written to the phone's database. Browser, server and database share the cores.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from bench.figures import percentile, tell
from bench.phone_bytes import ABOUT_BYTES, Line
from bench.phone_page import AGES, PAINTED, READER, slow, when_painted
from calltime_sim.house import House
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.browsers import ARGUMENTS, chromium
from fixtures.carers_phone import Carer, Town, a_phone, answered, enrol, wait_until_offline_works
from fixtures.waiting import wait_until

APP = Path(__file__).parents[2] / "server/calltime_server/web/static/phone"
DECODER = ("reader-", "zxing_reader-")
ROUNDS, BEFORE = 20, 60
SETTLES_MS = 1000
"""What belongs to a tap and comes last: acknowledgements, and the receipt of a clock record."""
SIXTH = "pages have a sixth of the processor"


def main() -> None:
    """Open a town, and measure in it."""
    short = _asked(sys.argv[1:])
    missing = Mosquitto.available() or (None if chromium() else "Chromium is missing. Install it: apt-get install chromium")
    if missing is not None:
        sys.exit(f"The bench cannot run: {missing}")
    tell("app, compressed, without the decoder of QR codes", _weight(), "bytes", target="< 150000", note="gzip, as the server gives it out")
    with tempfile.TemporaryDirectory(prefix="ct-") as folder, House(Path(folder)) as house, sync_playwright() as playwright:
        town = Town(house.office, house.server.url, house.database.dsn)
        with playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS)) as browser:
            rounds, before = (5, 5) if short else (ROUNDS, BEFORE)
            in_the_open_app(browser, town.next_carer(), rounds=rounds, before=before)
            by_address(browser, town.next_carer(), rounds=rounds)
            cold_and_offline(browser, town.next_carer(), rounds=rounds)


def in_the_open_app(browser: Browser, carer: Carer, *, rounds: int, before: int) -> None:
    """From what a tag says to the confirmation, and over the air: the app is open, the tag is held to it."""
    waited: list[int] = []
    taken: list[int] = []
    with a_phone(browser, script=READER + PAINTED) as context:
        page = enrol(context, carer)
        page.get_by_role("button", name="Use NFC: hold the phone to the tag").click()
        page.wait_for_function("() => window.heldTo !== undefined")
        line = Line(page)
        for at in range(before + rounds):
            if at == before:
                slow(page)
            page.evaluate(AGES)
            line.forget()
            page.evaluate("address => heldTo(address)", f"https://care.example.org{carer.town.home.path}")
            painted = when_painted(page, "Started" if at % 2 == 0 else "Ended")
            wait_until(lambda at=at: len(carer.taps()) > at, within=30, what="the tap in the record")  # type: ignore[misc]
            page.get_by_role("button", name="Done").click()
            page.get_by_role("button", name="Use NFC: hold the phone to the tag").click()
            page.wait_for_function("() => window.heldTo !== undefined")
            page.get_by_text("Everything has arrived at the office.").wait_for()
            if at >= before:
                page.wait_for_timeout(SETTLES_MS)
                waited.append(round(painted))
                taken.append(line.bytes)
    note = f"{rounds} rounds after {before} taps; {SIXTH}"
    tell("tag read to confirmed, median", percentile(waited, 50), "ms", note=note)
    tell("tag read to confirmed, p95", percentile(waited, 95), "ms", target="< 500", note=note)
    tell("over the air for a tap in the open app, median", percentile(taken, 50), "bytes", target="< 2048", note=ABOUT_BYTES)
    tell("over the air for a tap in the open app, p95", percentile(taken, 95), "bytes", note=ABOUT_BYTES)


def by_address(browser: Browser, carer: Carer, *, rounds: int) -> None:
    """From opening the tag's address, as the phone's own NFC or camera does, to the confirmation: the app was not open."""
    waited: list[int] = []
    taken: list[int] = []
    with a_phone(browser, script=PAINTED) as context:
        wait_until_offline_works(enrol(context, carer))
        context.pages[0].close()
        for at in range(rounds):
            page = context.new_page()
            slow(page)
            line = Line(page)
            page.goto(carer.address_of(carer.town.home.path))
            waited.append(round(when_painted(page, "Started" if at % 2 == 0 else "Ended")))
            wait_until(lambda at=at: len(carer.taps()) > at, within=30, what="the tap in the record")  # type: ignore[misc]
            page.get_by_role("button", name="Done").click()
            page.get_by_text("Everything has arrived at the office.").wait_for()
            page.wait_for_timeout(SETTLES_MS)
            taken.append(line.bytes)
            page.evaluate(AGES)
            page.close()
    note = f"{rounds} rounds in new pages; {SIXTH}, and not the service worker that gives the app out"
    tell("tag's address opened to confirmed, median", percentile(waited, 50), "ms", note=note)
    tell("tag's address opened to confirmed, p95", percentile(waited, 95), "ms", note=note)
    tell("over the air for a tap that opens the app, median", percentile(taken, 50), "bytes", note=ABOUT_BYTES)


def cold_and_offline(browser: Browser, carer: Carer, *, rounds: int) -> None:
    """From opening the app without a link to its first page."""
    waited: list[int] = []
    with a_phone(browser, script=PAINTED) as context:
        page = enrol(context, carer)
        wait_until_offline_works(page)
        page.goto(carer.address_of(carer.town.home.path))
        answered(page, "Started")
        context.set_offline(True)
        page.close()
        for _ in range(rounds):
            page = context.new_page()
            slow(page)
            page.goto(carer.address_of("/t/"))
            waited.append(round(when_painted(page, "Started")))
            page.close()
    note = f"{rounds} new pages with a visit open; {SIXTH}, and not the service worker that gives the app out"
    tell("cold start offline, median", percentile(waited, 50), "ms", note=note)
    tell("cold start offline, p95", percentile(waited, 95), "ms", target="< 2000", note=note)


def _weight() -> int:
    """What a phone fetches before it can work. Pictures and licences are fetched when they are wanted."""
    files = [
        path for path in (APP, *APP.glob("assets")) for path in path.iterdir() if path.suffix in {".js", ".css", ".html", ".webmanifest"}
    ]
    if not files:
        sys.exit("The app is not built: make assets")
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files if not path.name.startswith(DECODER))


def _asked(words: list[str]) -> bool:
    parser = argparse.ArgumentParser(prog="bench.phone", description=__doc__)
    parser.add_argument("--short", action="store_true", help="five rounds of each, after five taps")
    return bool(parser.parse_args(words).short)


if __name__ == "__main__":
    main()
