"""Does the app do on a phone what it promises? In a real Chromium, before a whole Calltime, until the record has the tap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from fixtures.browsers import axe, no_wider_than_its_window, shoot
from fixtures.carers_phone import CALLED, Carer, Town, a_phone, answered, enrol
from fixtures.films import camera_that_sees, film_of

PROOF = "e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086"
# What a browser on Android has and a desk's has not: the app's own seam is `NDEFReader` of the window.
WEB_NFC = """
window.NDEFReader = class extends EventTarget {
  async scan() { window.heldTo = (address) => {
    const data = new DataView(new TextEncoder().encode(address).buffer);
    const event = new Event("reading");
    event.message = { records: [{ recordType: "url", data }] };
    this.dispatchEvent(event);
  }; }
};
"""

# What each page shows when it is there, and what is pressed to come to it.
ENGLISH = {
    "none open": "No visit is open.",
    "scan": "Scan the tag",
    "another code": "This is another code, not a tag of Calltime.",
    "away": "Visit away from home",
    "with whom": "With whom are you?",
    "recorded": "It is recorded and safe on this phone, and goes to the office by itself.",
    "still open": "is still open",
    "so far": "so far",
    "this week": "This week",
    "about": "About this app",
    "not recorded": "What is not recorded",
}
WELSH = {
    "none open": "Nid oes ymweliad ar agor.",
    "scan": "Sganio'r tag",
    "another code": "Cod arall yw hwn, nid tag Calltime.",
    "away": "Ymweliad oddi cartref",
    "with whom": "Gyda phwy ydych chi?",
    "recorded": "Mae wedi'i gofnodi ac yn ddiogel ar y ffôn hwn, ac mae'n mynd i'r swyddfa ar ei ben ei hun.",
    "still open": "yn dal ar agor",
    "so far": "hyd yn hyn",
    "this week": "Yr wythnos hon",
    "about": "Am yr ap hwn",
    "not recorded": "Beth nad yw'n cael ei gofnodi",
}


def test_a_tag_that_is_opened_by_its_address_starts_and_the_proof_travels_untouched(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        page = enrol(context, carer)
        page.goto(carer.address_of(f"{carer.town.home.path}?{PROOF}"))
        answered(page, "Started")
        answered(page, f"at the home of {CALLED}")
        (tap,) = carer.wait_for_taps(1)
        page.reload()  # nor does the way back tap again
        expect(page.get_by_role("button", name="Scan the tag to end")).to_be_visible()

    # Nobody was asked the time before the answer: the phone goes by its own clock, which was right when it was enrolled.
    assert (tap.action, tap.via, tap.proof, tap.sync) == ("start", "nfc", PROOF, "rtc")
    assert abs(tap.time - datetime.now(UTC)) < timedelta(minutes=2)
    assert len(carer.taps()) == 1


def test_a_printed_code_is_read_by_the_camera(browser: Browser, carer: Carer, tmp_path: Path) -> None:
    film = film_of("https://care.example.org" + carer.town.home.path, tmp_path / "film.y4m")
    with a_phone(browser, arguments=camera_that_sees(film)) as context:
        page = enrol(context, carer)
        page.get_by_role("button", name="Not let in yet").click()
        answered(page, "Waiting since")
        page.get_by_role("button", name="Done").click()
        (tap,) = carer.wait_for_taps(1)

    assert (tap.action, tap.via, tap.ref, tap.proof) == ("waiting", "qr", carer.town.home.tag, None)


def test_a_tag_that_is_held_to_a_phone_with_web_nfc_is_read_inside_the_app(browser: Browser, carer: Carer) -> None:
    with a_phone(browser, script=WEB_NFC) as context:
        page = enrol(context, carer)
        page.get_by_role("button", name="Use NFC: hold the phone to the tag").click()
        expect(page.get_by_text("Or hold the phone to the tag.")).to_be_visible()
        page.evaluate("heldTo('https://elsewhere.example.org/about')")
        answered(page, "Not recorded")
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Use NFC: hold the phone to the tag").click()
        expect(page.get_by_text("Or hold the phone to the tag.")).to_be_visible()
        page.evaluate("address => heldTo(address)", f"https://care.example.org{carer.town.home.path}?{PROOF}")
        answered(page, "Started")
        (tap,) = carer.wait_for_taps(1)

    assert (tap.action, tap.via, tap.proof) == ("start", "nfc", PROOF)


def test_a_visit_away_from_home_says_that_nothing_was_tapped(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        page = enrol(context, carer)
        page.get_by_role("button", name="Visit away from home").click()
        page.get_by_role("radio", name=CALLED).check()
        page.get_by_role("button", name="Start now").click()
        answered(page, "Started")
        page.get_by_role("button", name="Done").click()
        page.get_by_role("button", name="Visit away from home").click()
        page.get_by_role("button", name="End now").click()  # within a minute it may be a slip of the hand
        answered(page, "Already started")
        (tap,) = carer.wait_for_taps(1)

    assert (tap.action, tap.via, tap.ref) == ("start", "away", carer.town.home.service_user)


def test_a_home_where_she_is_not_planned_is_asked_about_and_nothing_recorded_before_she_says(browser: Browser, carer: Carer) -> None:
    here = carer.town.unplanned
    with a_phone(browser) as context:
        page = enrol(context, carer)
        page.goto(carer.address_of(here.path))
        answered(page, f"This is the home of {here.service_user}")
        expect(page.get_by_text("You are planned for")).to_be_visible()
        page.get_by_role("button", name="Do not record anything").click()
        expect(page.get_by_text("No visit is open.")).to_be_visible()
        page.goto(carer.address_of(carer.town.home.path))
        answered(page, "Started")
        assert [tap.ref for tap in carer.wait_for_taps(1)] == [carer.town.home.tag]

        page.goto(carer.address_of(here.path))
        answered(page, f"Your visit to {CALLED}")
        page.get_by_role("button", name="I am here: record it").click()
        answered(page, f"This is the home of {here.service_user}")
        page.get_by_role("button", name="I am here: record it").click()
        answered(page, "Started")
        carer.wait_for_taps(2)

    assert [(tap.action, tap.ref) for tap in carer.taps()] == [("start", carer.town.home.tag), ("start", here.tag)]


def test_a_phone_that_the_office_takes_out_of_use_says_so_and_records_nothing(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        page = enrol(context, carer)
        carer.revoke()
        page.get_by_role("navigation").get_by_role("button", name="My visits").click()
        page.get_by_role("button", name="Ask the office now").click()
        page.get_by_role("navigation").get_by_role("button", name="Tap").click()
        expect(page.get_by_text("The office has taken this phone out of use.")).to_be_visible()
        page.goto(carer.address_of(carer.town.home.path))
        answered(page, "Not recorded")

    assert carer.taps() == []


def test_every_page_is_accessible_in_both_languages(browser: Browser, town: Town, tmp_path: Path) -> None:
    found: dict[str, list[str]] = {}
    wide: list[str] = []
    camera = camera_that_sees(film_of("https://elsewhere.example.org/about", tmp_path / "film.y4m"))
    for language, words in (("en", ENGLISH), ("cy", WELSH)):

        def look(page: Page, name: str, sees: str, language: str = language) -> None:
            expect(page.get_by_text(sees).first).to_be_visible()
            shoot(page, f"phone-{name}-{language}")
            found[f"{name} in {language}"] = axe(page)
            if not no_wider_than_its_window(page):
                wide.append(f"{name} in {language}")

        with a_phone(browser, arguments=camera) as context:
            carer = town.next_carer()
            page = enrol(context, carer)
            page.evaluate("language => localStorage.setItem('calltime language', language)", language)
            page.goto(carer.address_of("/t/"))
            look(page, "home", words["none open"])
            rooms = page.get_by_role("navigation").get_by_role("button")
            for name, button, sees in (("scan", "scan", "another code"), ("away", "away", "with whom")):
                page.get_by_role("button", name=words[button], exact=True).click()
                look(page, name, words[sees])
                rooms.first.click()
            page.goto(carer.address_of(carer.town.home.path))
            look(page, "answer", words["recorded"])
            page.goto(carer.address_of("/t/nobody-knows-it"))
            look(page, "question", words["still open"])
            page.goto(carer.address_of("/t/"))
            look(page, "open", words["so far"])
            for name, place, sees in (("mine", 1, "this week"), ("settings", 2, "about")):
                rooms.nth(place).click()
                look(page, name, words[sees])
        with a_phone(browser, language={"en": "en-GB"}.get(language, language)) as context:
            page = context.new_page()
            page.goto(town.address + "/t/enrol#ABCDEFGH")
            look(page, "start", words["not recorded"])

    assert {name: trouble for name, trouble in found.items() if trouble} == {}
    assert wide == []
