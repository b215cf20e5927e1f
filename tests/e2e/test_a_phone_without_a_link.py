"""Is a tap safe that nobody could be told of? In a real Chromium without a link, whose tabs die, and whose clock is wrong."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Error, Page, expect

from fixtures.carers_phone import Carer, a_phone, a_phone_that_is_kept, answered, enrol, wait_until_offline_works
from fixtures.waiting import wait_until

HOURS_SLOW = 3
WRONG_CLOCK = f"{{ const right = Date.now; Date.now = () => right() - {HOURS_SLOW * 3_600_000}; }}"
ONE_WAITS = "1 tap waiting, safe on this phone."
ALL_SAFE = "Everything has arrived at the office."
PUBLISHERS = """
navigator.locks.query().then(({ held, pending }) =>
  [held, pending].map((locks) => locks.filter(({ name }) => name === "calltime publisher").length))
"""


def test_a_visit_that_ends_offline_in_a_tab_that_dies_is_in_the_record_exactly_once(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        page = enrol(context, carer)
        page.goto(carer.address_of(carer.town.home.path))
        answered(page, "Started")
        carer.wait_for_taps(1)
        wait_until_offline_works(page)
        context.set_offline(True)
        page.close()

        page = context.new_page()
        page.goto(carer.address_of(carer.town.other.path))  # another home: asked about, and not guessed
        answered(page, "is still open")
        page.get_by_role("button", name="I am here: record it").click()
        here_for_the_first_time(page)
        kill(page)

        page = context.new_page()
        page.goto(carer.address_of("/t/"))
        expect(page.get_by_text(ONE_WAITS)).to_be_visible()
        assert len(carer.taps()) == 1, "it was offline"
        context.set_offline(False)
        carer.wait_for_taps(2)
        expect(page.get_by_text(ALL_SAFE)).to_be_visible()

    assert [(tap.action, tap.ref) for tap in carer.taps()] == [("start", carer.town.home.tag), ("start", carer.town.other.tag)]
    assert carer.quarantined() == []


def test_the_app_opens_and_taps_offline_in_a_browser_that_was_closed_meanwhile(browser: Browser, carer: Carer, tmp_path: Path) -> None:
    with a_phone_that_is_kept(browser, tmp_path) as context:
        wait_until_offline_works(enrol(context, carer))
    with a_phone_that_is_kept(browser, tmp_path) as context:
        context.set_offline(True)
        page = context.new_page()
        page.goto(carer.address_of("/t/"))
        expect(page.get_by_text("No connection. Tap as always: taps are kept on this phone.")).to_be_visible()
        page.goto(carer.address_of(carer.town.home.path))
        here_for_the_first_time(page)
    assert carer.taps() == []
    with a_phone_that_is_kept(browser, tmp_path) as context:
        page = context.new_page()
        page.goto(carer.address_of("/t/"))
        expect(page.get_by_role("button", name="Scan the tag to end")).to_be_visible()
        (tap,) = carer.wait_for_taps(1)

    assert (tap.action, tap.ref) == ("start", carer.town.home.tag)


def test_of_two_tabs_one_sends_and_the_other_takes_over(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        first = enrol(context, carer)
        second = context.new_page()
        second.goto(carer.address_of(carer.town.home.path))
        answered(second, "Started")
        carer.wait_for_taps(1)  # the one tab sends what the other has recorded
        wait_until(lambda: second.evaluate(PUBLISHERS) == [1, 1], within=10, what="the one to send and the other to wait")
        first.close()
        wait_until(lambda: second.evaluate(PUBLISHERS) == [1, 0], within=10, what="the other tab to send")
        second.goto(carer.address_of(carer.town.other.path))
        second.get_by_role("button", name="I am here: record it").click()
        answered(second, "Started")
        carer.wait_for_taps(2)

    assert [tap.ref for tap in carer.taps()] == [carer.town.home.tag, carer.town.other.tag]
    assert carer.quarantined() == []


def test_the_service_worker_sends_when_no_tab_is_open_any_more(browser: Browser, carer: Carer) -> None:
    with a_phone(browser) as context:
        page = enrol(context, carer)
        wait_until_offline_works(page)
        context.set_offline(True)
        page.goto(carer.address_of(carer.town.home.path))
        here_for_the_first_time(page)
        page.close()
        assert carer.taps() == [], "it was offline"
        context.set_offline(False)
        # A phone says by itself that there is a link again. This machine had one all the time, so the debugger says it.
        blank = context.new_page()
        say_that_there_is_a_link(context.new_cdp_session(blank), carer)
        (tap,) = carer.wait_for_taps(1)

    assert (tap.action, tap.ref) == ("start", carer.town.home.tag)


def test_a_clock_that_is_hours_wrong_is_told_and_the_record_has_the_right_time(browser: Browser, carer: Carer) -> None:
    with a_phone(browser, script=WRONG_CLOCK) as context:
        page = enrol(context, carer)
        expect(page.get_by_text(f"The clock of this phone is {HOURS_SLOW} hours slow.")).to_be_visible()
        page.goto(carer.address_of(carer.town.home.path))
        answered(page, "Started")
        (tap,) = carer.wait_for_taps(1)

    assert abs(tap.time - datetime.now(UTC)) < timedelta(minutes=2)
    assert carer.quarantined() == []


def test_a_tap_by_a_wrong_clock_whose_tab_dies_before_a_link_is_kept_as_untimed(browser: Browser, carer: Carer) -> None:
    with a_phone(browser, script=WRONG_CLOCK) as context:
        wait_until_offline_works(enrol(context, carer))
        context.set_offline(True)
        page = context.new_page()
        page.goto(carer.address_of(carer.town.home.path))
        here_for_the_first_time(page)
        kill(page)
        context.set_offline(False)
        page = context.new_page()
        page.goto(carer.address_of("/t/"))
        (tap,) = carer.wait_for_taps(1)
        expect(page.get_by_text(ALL_SAFE)).to_be_visible()

    # Nothing ties that boot to a time any more. What the phone says is a guess: its clock, less what that was wrong by when last compared.
    assert tap.sync == "none"
    assert abs(tap.time - datetime.now(UTC)) < timedelta(minutes=2)
    assert carer.quarantined() == []


def here_for_the_first_time(page: Page) -> None:
    """Without a link nobody can say whose tag it is that she has never tapped: she is asked, and it is recorded when she has said."""
    answered(page, "This tag is not one of your homes")
    page.get_by_role("button", name="I am here: record it").click()
    answered(page, "Started")


def kill(page: Page) -> None:
    """The renderer dies in the middle of whatever it does, and says goodbye to nobody."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")
    page.close()


def say_that_there_is_a_link(session: CDPSession, carer: Carer) -> None:
    """Have Chromium dispatch the event for which the page has asked."""
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: registrations.extend(each["registrationId"] for each in said["registrations"] if not each["isDeleted"]),
    )
    session.send("ServiceWorker.enable")
    wait_until(lambda: session.send("Target.getTargetInfo") and registrations, within=10, what="the debugger to tell of the service worker")
    event = {"origin": carer.address_of(""), "registrationId": registrations[0], "tag": "calltime send", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", event)
