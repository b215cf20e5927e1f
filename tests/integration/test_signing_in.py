"""Does somebody come in who is who they say, and nobody else; and is everybody told the same?"""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher

from calltime_server.people import codes
from calltime_server.store import credentials
from calltime_server.store.connection import connect, execute, fetch
from fixtures.office import open_office
from fixtures.people import EMAIL, PASSWORD, SECRET, Account, Clock, browser_at, make_account, make_link
from fixtures.small_day import EVENING


@pytest.fixture
def clock() -> Clock:
    return Clock(EVENING)


@pytest.fixture
def ada(postgres_database: str) -> Account:
    return make_account(postgres_database)


@pytest.fixture
def browser(postgres_database: str, clock: Clock) -> Iterator[httpx.Client]:
    with open_office(postgres_database, now=clock) as address, browser_at(address) as client:
        yield client


def knock(browser: httpx.Client, email: str = EMAIL, password: str = PASSWORD, **more: str) -> httpx.Response:
    return browser.post("/sign-in", data={"email": email, "password": password, **more})


def sign_in(browser: httpx.Client, ada: Account, clock: Clock) -> httpx.Response:
    knock(browser)
    return browser.post("/sign-in/second", data={"code": ada.code(clock.now)})


def shown_codes(page: httpx.Response) -> list[str]:
    return re.findall(r"<code>((?:[a-z2-9]{4}-){3}[a-z2-9]{4})</code>", page.text)


def test_password_and_code_let_in_and_lead_to_the_page_that_was_asked_for(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    asked = browser.get("/settings/me?x=1")
    assert asked.url.path == "/sign-in"

    half = knock(browser, next="/settings/me?x=1")
    assert half.url.path == "/sign-in/second"
    page = browser.post("/sign-in/second", data={"code": ada.code(clock.now), "next": half.url.params["next"]})

    assert page.status_code == 200
    assert page.url.raw_path == b"/settings/me?x=1"
    assert "Ada Jones" in page.text


def test_the_password_alone_shows_nothing(browser: httpx.Client, ada: Account) -> None:
    knock(browser)

    assert browser.get("/visits").url.path == "/sign-in"


def test_a_wrong_password_and_an_account_that_does_not_exist_are_told_the_same(browser: httpx.Client, ada: Account) -> None:
    wrong, nobody = knock(browser, password="something else entirely"), knock(browser, email="nobody@example.org")

    assert wrong.status_code == nobody.status_code == 422
    assert wrong.text.replace(EMAIL, "") == nobody.text.replace("nobody@example.org", "")
    assert "The e-mail address or the password is not right." in wrong.text
    assert f'value="{EMAIL}"' in wrong.text


def test_a_code_is_not_good_twice(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    browser.cookies.clear()

    again = sign_in(browser, ada, clock)

    assert again.status_code == 422
    assert "was used before" in again.text


def test_a_code_of_the_next_half_minute_is_good_and_one_of_two_minutes_ago_is_not(
    browser: httpx.Client, ada: Account, clock: Clock
) -> None:
    knock(browser)

    old = browser.post("/sign-in/second", data={"code": ada.code(clock.now - timedelta(minutes=2))})
    assert old.status_code == 422
    assert browser.post("/sign-in/second", data={"code": ada.code(clock.now + timedelta(seconds=30))}).url.path != "/sign-in/second"


def test_signing_in_gives_another_cookie_than_the_half_way_one(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    knock(browser)
    before = browser.cookies["calltime"]
    page = browser.post("/sign-in/second", data={"code": ada.code(clock.now)}, follow_redirects=False)
    cookie = page.headers["Set-Cookie"]

    assert browser.cookies["calltime"] != before
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    browser.cookies.set("calltime", before)
    assert browser.get("/settings/me").url.path == "/sign-in"


def test_away_from_the_machine_itself_the_cookie_goes_by_https_alone(browser: httpx.Client, ada: Account) -> None:
    answer = browser.post(
        "/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers={"Host": "calltime.example.org"}, follow_redirects=False
    )

    assert "Secure" in answer.headers["Set-Cookie"]


def test_after_five_failures_one_waits_and_is_told_until_when_and_then_comes_in(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    for _ in range(5):
        assert knock(browser, password="guess after guess").status_code == 422

    told = knock(browser)
    assert told.status_code == 429
    assert "Try again at 22:00:15" in told.text
    clock.wait(seconds=16)
    assert sign_in(browser, ada, clock).status_code == 200


def test_behind_a_proxy_of_this_machine_whoever_asks_waits_for_themselves_alone(browser: httpx.Client, ada: Account) -> None:
    def knocks_from(address: str) -> int:
        data = {"email": EMAIL, "password": "guess after guess"}
        headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https", "Host": "calltime.example.org"}
        return browser.post("/sign-in", data=data, headers=headers).status_code

    assert [knocks_from("203.0.113.7") for _ in range(6)] == [422] * 5 + [429]
    assert knocks_from("203.0.113.8") == 422
    # What stands before the address that the proxy itself has added is anybody's word.
    assert knocks_from("203.0.113.9, 203.0.113.7") == 429


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    for _ in range(20):
        knock(browser, password="guess after guess")
        clock.wait(minutes=1)
    clock.wait(minutes=15)

    assert sign_in(browser, ada, clock).status_code == 200


def test_guessing_codes_makes_wait_too_and_a_right_password_does_not_begin_anew(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    for _ in range(5):
        assert knock(browser).url.path == "/sign-in/second"
        browser.post("/sign-in/second", data={"code": "000000"})

    assert knock(browser).status_code == 429


def test_an_invitation_asks_for_a_password_and_a_second_factor_and_shows_recovery_codes(
    postgres_database: str, browser: httpx.Client, clock: Clock
) -> None:
    ada = make_account(postgres_database, code_app=False)
    link = make_link(postgres_database, ada.who, "invitation")
    assert "Welcome, Ada Jones" in browser.get(link).text
    assert "fewer than 12 characters" in browser.post(link, data={"password": "short", "again": "short"}).text
    assert "differ" in browser.post(link, data={"password": PASSWORD, "again": PASSWORD[1:]}).text

    set_up = browser.post(link, data={"password": PASSWORD, "again": PASSWORD})
    assert set_up.url.path == "/sign-in/set-up"
    secret = re.search(r'<code class="office-long">([A-Z2-7]{32})</code>', set_up.text)
    assert secret is not None
    done = browser.post("/sign-in/set-up", data={"code": pyotp.TOTP(secret[1]).at(clock.now)})

    assert len(set(shown_codes(done))) == 10
    assert browser.get("/settings/me").status_code == 200
    assert browser.get(link).status_code == 410


def test_a_recovery_code_lets_in_once(postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock) -> None:
    with connect(postgres_database) as connection:
        code, *_ = codes.new_recovery_codes(connection, ada.who.id)
    knock(browser)
    assert browser.post("/sign-in/second", data={"code": code.upper().replace("-", " ")}).url.path != "/sign-in/second"
    browser.cookies.clear()
    knock(browser)

    assert browser.post("/sign-in/second", data={"code": code}).status_code == 422


def test_whoever_has_a_second_factor_cannot_set_up_another_instead_of_showing_it(browser: httpx.Client, ada: Account) -> None:
    knock(browser)

    assert browser.get("/sign-in/set-up").url.path == "/sign-in"
    assert browser.post("/sign-in/set-up", data={"code": "123456"}).url.path == "/sign-in"


def test_a_sign_in_link_leads_to_the_second_step_and_no_further(
    postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock
) -> None:
    link = make_link(postgres_database, ada.who, "sign_in")
    assert "Your second step is asked for next." in browser.get(link).text

    asked = browser.post(link)
    assert asked.url.path == "/sign-in/second"
    assert browser.get("/settings/me").url.path == "/sign-in"
    assert browser.get("/sign-in/set-up").url.path == "/sign-in"  # nor is another second step set up instead
    assert browser.post("/sign-in/second", data={"code": ada.code(clock.now)}).status_code == 200
    assert "Ada Jones" in browser.get("/settings/me").text
    with connect(postgres_database) as connection:
        did = [row[0] for row in fetch(connection, "SELECT did FROM audit WHERE person = %(p)s ORDER BY number", {"p": ada.who.id})]
    assert did[:2] == ["came half way in by a link", "signed in"]


def test_a_passkey_is_a_second_step_that_a_sign_in_link_does_not_pass_by(postgres_database: str, browser: httpx.Client) -> None:
    ada = make_account(postgres_database, code_app=False)
    with connect(postgres_database) as connection:
        credentials.add_passkey(connection, ada.who.id, credential=b"c", public_key=b"k", sign_count=0, called="Phone", now=EVENING)

    assert browser.post(make_link(postgres_database, ada.who, "sign_in")).url.path == "/sign-in/second"
    assert browser.get("/settings/me").url.path == "/sign-in"


def test_an_invitation_to_choose_another_password_asks_for_the_second_step_that_stands(
    postgres_database: str, browser: httpx.Client, ada: Account
) -> None:
    link = make_link(postgres_database, ada.who, "invitation")

    assert browser.post(link, data={"password": PASSWORD, "again": PASSWORD}).url.path == "/sign-in/second"
    assert browser.get("/settings/me").url.path == "/sign-in"


def test_a_sign_in_link_is_good_once_and_for_a_quarter_of_an_hour(postgres_database: str, browser: httpx.Client, clock: Clock) -> None:
    ada = make_account(postgres_database, code_app=False)
    first, late = (make_link(postgres_database, ada.who, "straight_in") for _ in range(2))
    assert browser.get(first).status_code == 200  # looking at it uses nothing up
    assert browser.post(first).status_code == 200
    assert "Ada Jones" in browser.get("/settings/me").text
    assert browser.post(first, data={"csrf": csrf(browser)}).status_code == 410
    assert browser.get(late).status_code == 410  # one that was used takes the others with it

    last = make_link(postgres_database, ada.who, "straight_in", now=clock.now)
    clock.wait(minutes=16)
    assert browser.get(last).status_code == 410


def test_who_has_no_second_step_sets_one_up_before_a_sign_in_link_opens_anything(postgres_database: str, browser: httpx.Client) -> None:
    ada = make_account(postgres_database, code_app=False)
    link = make_link(postgres_database, ada.who, "sign_in")

    assert "You set up a second step next." in browser.get(link).text
    assert browser.post(link).url.path == "/sign-in/set-up"
    assert browser.get("/settings/me").url.path == "/sign-in"


def test_not_even_a_link_straight_in_passes_by_a_second_step_that_is_set_up(
    postgres_database: str, browser: httpx.Client, ada: Account
) -> None:
    assert browser.post(make_link(postgres_database, ada.who, "straight_in")).url.path == "/sign-in/second"
    assert browser.get("/settings/me").url.path == "/sign-in"


def csrf(browser: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/settings/me").text)
    assert found is not None
    return found[1]


def test_signing_out_takes_a_form_of_ours_and_ends_the_session(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    kept = browser.cookies["calltime"]
    assert browser.post("/sign-out").status_code == 403
    assert browser.post("/sign-out", data={"csrf": csrf(browser)}).url.path == "/sign-in"
    browser.cookies.set("calltime", kept)

    assert browser.get("/settings/me").url.path == "/sign-in"


def test_half_an_hour_of_nothing_signs_out(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    clock.wait(minutes=29)
    assert browser.get("/settings/me").url.path == "/settings/me"
    clock.wait(minutes=31)

    assert browser.get("/settings/me").url.path == "/sign-in"


def test_a_disabled_account_is_out_at_once(postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    with connect(postgres_database) as connection:
        execute(connection, "UPDATE person SET disabled_at = %(now)s", {"now": EVENING})

    assert browser.get("/settings/me").url.path == "/sign-in"
    assert knock(browser).status_code == 422


@pytest.mark.parametrize(
    "next", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "x"]
)
def test_no_address_elsewhere_is_led_to_after_signing_in(browser: httpx.Client, ada: Account, clock: Clock, next: str) -> None:  # noqa: A002
    half = knock(browser, next=next)
    answer = browser.post("/sign-in/second", data={"code": ada.code(clock.now), "next": next}, follow_redirects=False)

    assert half.url.params["next"] == "/"
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_site_cannot_sign_a_visitor_in(browser: httpx.Client, ada: Account, headers: dict[str, str]) -> None:
    answer = browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=headers)

    assert answer.status_code == 403
    assert "calltime" not in browser.cookies


def test_what_the_database_keeps_lets_nobody_in(postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    link = make_link(postgres_database, ada.who, "sign_in")
    with connect(postgres_database) as connection:
        kept = str(fetch(connection, "SELECT * FROM session", {}) + fetch(connection, "SELECT * FROM sign_in_link", {}))
        hashed = fetch(connection, "SELECT password_hash FROM person", {})[0][0]

    assert browser.cookies["calltime"] not in kept
    assert link.rpartition("/")[2] not in kept
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_that_was_kept_at_another_cost_is_kept_anew(
    postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock
) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with connect(postgres_database) as connection:
        execute(connection, "UPDATE person SET password_hash = %(cheap)s", {"cheap": cheap})
    assert sign_in(browser, ada, clock).status_code == 200

    with connect(postgres_database) as connection:
        assert fetch(connection, "SELECT password_hash FROM person", {})[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_who_came_in_and_went_is_in_the_audit_log(postgres_database: str, browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    browser.post("/sign-out", data={"csrf": csrf(browser)})

    with connect(postgres_database) as connection:
        did = [row[0] for row in fetch(connection, "SELECT did FROM audit WHERE person = %(p)s ORDER BY number", {"p": ada.who.id})]
    assert did[0] == "signed in"
    assert did[-1] == "signed out"


def test_the_secret_of_the_code_app_is_never_shown_again(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)

    assert SECRET not in browser.get("/settings/me").text


def test_an_open_page_that_brings_itself_up_to_date_keeps_nobody_signed_in(browser: httpx.Client, ada: Account, clock: Clock) -> None:
    sign_in(browser, ada, clock)
    clock.wait(minutes=20)
    assert browser.get("/today/part").status_code == 200
    clock.wait(minutes=11)
    headers = {"HX-Request": "true", "HX-Current-URL": "https://calltime.example.org/today?queue=late"}
    answer = browser.get("/today/part?queue=late", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=%2Ftoday%3Fqueue%3Dlate"
