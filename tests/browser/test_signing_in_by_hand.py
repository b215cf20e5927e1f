"""Can people come in with a real browser: by the keyboard alone, by an app for codes, and with a passkey that a device keeps?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Page, expect

from fixtures.browsers import at_the_desk, axe, no_wider_than_its_window, on_a_phone, shoot
from fixtures.office import open_office
from fixtures.people import EMAIL, PASSWORD, make_account, make_link


def now() -> datetime:
    return datetime.now(UTC)  # the browser's cookies and the app's codes go by the real clock


@pytest.fixture
def address(postgres_database: str) -> Iterator[str]:
    """Passkeys are for a name, and never for the number of a machine."""
    with open_office(postgres_database, now=now) as found:
        yield found.replace("127.0.0.1", "localhost")


@pytest.fixture
def device(page: Page) -> Page:
    """The page in a browser whose device keeps passkeys, and whose owner always nods."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True, "hasResidentKey": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def fill_by_keyboard(page: Page, *texts: str) -> None:
    """Write each text where the keyboard stands, and go on by tab; the button that shows a password is passed by."""
    for text in texts:
        page.keyboard.type(text)
        page.keyboard.press("Tab")


def look(page: Page, name: str) -> None:
    assert axe(page) == [], name
    on_a_phone(page)
    assert no_wider_than_its_window(page), name
    shoot(page, f"{name}-phone")
    at_the_desk(page)
    shoot(page, name)


def test_a_newcomer_sets_password_and_code_app_and_comes_back_by_the_keyboard_alone(
    page: Page, address: str, postgres_database: str
) -> None:
    ada = make_account(postgres_database, code_app=False)
    page.goto(address + make_link(postgres_database, ada.who, "invitation", now=now()))
    look(page, "sign-in-link")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set this password").click()
    expect(page.get_by_label("Code")).to_be_visible()
    look(page, "set-up-second")
    secret = page.locator("code").inner_text()
    page.get_by_label("Code").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Keep these codes")).to_be_visible()
    look(page, "recovery-codes")
    page.get_by_role("button", name="I have kept them: continue").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_label("E-mail address")).to_be_visible()
    look(page, "sign-in")
    page.get_by_label("E-mail address").focus()
    fill_by_keyboard(page, EMAIL, PASSWORD)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    look(page, "second-step")
    page.get_by_label("Code", exact=True).focus()
    page.keyboard.type(pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=1))  # a code is taken once: the one that comes next
    page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_passkey_is_made_at_the_first_sign_in_and_shown_at_the_next(device: Page, address: str, postgres_database: str) -> None:
    ada = make_account(postgres_database, code_app=False)
    device.goto(address + make_link(postgres_database, ada.who, "invitation", now=now()))
    device.get_by_label("New password").fill(PASSWORD)
    device.get_by_label("The same password again").fill(PASSWORD)
    device.get_by_role("button", name="Set this password").click()
    device.get_by_role("button", name="Make a passkey").click()
    expect(device.get_by_role("heading", name="Keep these codes")).to_be_visible()
    device.get_by_role("button", name="I have kept them: continue").click()
    device.get_by_role("button", name="Sign out").click()

    device.get_by_label("E-mail address").fill(EMAIL)
    device.get_by_label("Password", exact=True).fill(PASSWORD)
    device.get_by_role("button", name="Sign in", exact=True).click()
    device.get_by_role("button", name="Use a passkey").click()
    expect(device.get_by_role("button", name="Sign out")).to_be_visible()

    device.goto(f"{address}/settings/me")
    look(device, "your-account")
    device.get_by_role("button", name="Remove Passkey").click()
    expect(device.get_by_role("alert").first).to_contain_text("your only second factor")


def test_without_a_script_nobody_is_shown_a_passkey_that_cannot_be_used(page: Page, address: str, postgres_database: str) -> None:
    ada = make_account(postgres_database, code_app=False)
    with page.context.browser.new_context(java_script_enabled=False) as context:  # type: ignore[union-attr] # it was launched
        plain = context.new_page()
        plain.goto(address + make_link(postgres_database, ada.who, "invitation", now=now()))
        plain.get_by_label("New password").fill(PASSWORD)
        plain.get_by_label("The same password again").fill(PASSWORD)
        plain.get_by_role("button", name="Set this password").click()

        expect(plain.get_by_role("button", name="Make a passkey")).to_be_hidden()
        expect(plain.get_by_label("Code")).to_be_visible()
