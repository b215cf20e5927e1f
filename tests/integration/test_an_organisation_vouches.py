"""Does an organisation's own sign-in let in whom it vouches for, into accounts that are for that, and nobody else?"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn

from calltime_server.app import make_app
from calltime_server.config import BadConfig, Organisation
from calltime_server.config.environment import from_environment
from calltime_server.people import organisation as vouching
from calltime_server.people.organisation import NotVouched
from calltime_server.rights import Role
from calltime_server.store.coming_in import Elsewhere
from calltime_server.store.connection import connect, execute, fetch
from calltime_server.store.people import add_person
from fixtures.office import BROKER, example_terms
from fixtures.people import browser_at
from fixtures.waiting import wait_until

# The provider that plays the organisation uses what its own libraries will drop one day, already while it is imported.
with warnings.catch_warnings(action="ignore"):
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::authlib.deprecate.AuthlibDeprecationWarning")
ADA = oidc_provider_mock.User(sub="ada-42", claims={"email": "Ada@Council.example", "email_verified": True})


@pytest.fixture
def organisation(tmp_path: Path) -> Iterator[Organisation]:
    secret = tmp_path / "secret"
    secret.write_text("between us\n")
    unsure = oidc_provider_mock.User(sub="eve-7", claims={"email": "ada@council.example", "email_verified": False})
    with oidc_provider_mock.run_server_in_thread(user_claims=[ADA, unsure]) as server:
        yield Organisation(issuer=f"http://localhost:{server.server_port}", client_id="calltime", secret_file=secret)


@contextmanager
def open_office(dsn: str, organisation: Organisation) -> Iterator[str]:
    def now() -> datetime:
        return datetime.now(UTC)  # the provider's tokens are good for a time of the real clock

    app = make_app(
        dsn=dsn, terms=example_terms(), broker=BROKER, public_url="https://calltime.example.org", organisation=organisation, now=now
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, name="office")
    thread.start()
    try:
        wait_until(lambda: server.started, within=10, what="the office to open")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def browser(postgres_database: str, organisation: Organisation) -> Iterator[httpx.Client]:
    with open_office(postgres_database, organisation) as address, browser_at(address) as client:
        yield client


def add(dsn: str, *, issuer: str | None, email: str = "ada@council.example") -> None:
    with connect(dsn) as connection:
        add_person(
            connection,
            name="Ada Jones",
            email=email,
            role=Role.OFFICER,
            provider=None,
            carer=None,
            issuer=issuer,
            by="a test",
            now=datetime.now(UTC),
        )


def come_back(browser: httpx.Client, sub: str = "ada-42", next: str = "/settings/me") -> httpx.Response:  # noqa: A002
    """Go to the organisation, say there who one is, and follow the way back."""
    there = browser.get("/sign-in/organisation", params={"next": next}, follow_redirects=False).headers["Location"]
    sent_back = httpx.post(there, data={"sub": sub}).headers["Location"]
    return browser.get(sent_back)


def test_who_is_vouched_for_comes_in_and_is_known_by_that_name_from_then_on(
    postgres_database: str, browser: httpx.Client, organisation: Organisation
) -> None:
    add(postgres_database, issuer=organisation.issuer)

    page = come_back(browser)

    assert page.url.path == "/settings/me"
    assert "Ada Jones" in page.text
    with connect(postgres_database) as connection:
        assert fetch(connection, "SELECT subject FROM person", {}) == [("ada-42",)]
        execute(connection, "UPDATE person SET email = 'married@council.example'", {})
    browser.cookies.clear()
    assert "Ada Jones" in come_back(browser).text  # by the name, whatever the e-mail address has become


def test_the_way_there_has_state_nonce_and_a_challenge(browser: httpx.Client, organisation: Organisation) -> None:
    there = urlsplit(browser.get("/sign-in/organisation", follow_redirects=False).headers["Location"])
    asked = parse_qs(there.query)

    assert there.netloc == urlsplit(organisation.issuer).netloc
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))
    assert asked["response_type"] == ["code"]


@pytest.mark.parametrize("whose", ["nobody's", "a local account", "an e-mail address that is not sure"])
def test_an_organisation_opens_no_account_that_is_not_for_it(
    postgres_database: str, browser: httpx.Client, organisation: Organisation, whose: str
) -> None:
    if whose != "nobody's":
        add(postgres_database, issuer=None if whose == "a local account" else organisation.issuer)

    page = come_back(browser, sub="eve-7" if whose.startswith("an e-mail") else "ada-42")

    assert page.status_code == 403
    assert "no account here is for this way in" in page.text
    assert "calltime" not in browser.cookies


def test_another_subject_does_not_take_over_an_account_that_is_bound(
    postgres_database: str, browser: httpx.Client, organisation: Organisation
) -> None:
    add(postgres_database, issuer=organisation.issuer)
    with connect(postgres_database) as connection:
        execute(connection, "UPDATE person SET subject = 'somebody-else'", {})

    assert come_back(browser).status_code == 403


def test_a_way_back_is_good_once_and_in_the_browser_that_went(
    postgres_database: str, browser: httpx.Client, organisation: Organisation
) -> None:
    add(postgres_database, issuer=organisation.issuer)
    there = browser.get("/sign-in/organisation", follow_redirects=False).headers["Location"]
    back = httpx.post(there, data={"sub": "ada-42"}).headers["Location"]

    with browser_at(str(browser.base_url)) as another:
        assert another.get(back).status_code == 403
    assert browser.get(back.replace("state=", "state=x")).status_code == 403
    assert browser.get(back).status_code == 403  # asked once, with another state: over


def test_who_is_turned_down_there_is_told(browser: httpx.Client) -> None:
    page = browser.get("/sign-in/organisation/back", params={"error": "access_denied"})

    assert page.status_code == 403
    assert "turned you down" in page.text


def a_token(organisation: Organisation, *, nonce: str) -> tuple[str, str]:
    """What the provider answers to us, as our side asks for it: the code and its state."""
    asked = {"response_type": "code", "client_id": "calltime", "redirect_uri": "http://127.0.0.1/back", "scope": "openid email"}
    address = f"{organisation.issuer}/oauth2/authorize"
    back = httpx.post(address, params={**asked, "state": "s" * 32, "nonce": nonce}, data={"sub": "ada-42"}).headers["Location"]
    found = parse_qs(urlsplit(back).query)
    return found["code"][0], found["state"][0]


@pytest.mark.parametrize("wrong", ["nothing", "the nonce", "the client", "the time"])
def test_a_token_for_somebody_else_or_another_time_does_not_hold(organisation: Organisation, wrong: str) -> None:
    nonce = "n" * 32
    code, state = a_token(organisation, nonce=nonce)
    going = Elsewhere(state=state, nonce="another" if wrong == "the nonce" else nonce, verifier="v" * 43, back="/")
    now = datetime.now(UTC) if wrong != "the time" else datetime(2040, 1, 1, tzinfo=UTC)

    def receive(asked: Organisation) -> vouching.Subject:
        return vouching.receive(asked, going, state=state, code=code, redirect="http://127.0.0.1/back", now=now)

    if wrong == "nothing":
        assert receive(organisation) == vouching.Subject(name="ada-42", email="ada@council.example")
        return
    with pytest.raises(NotVouched):
        receive(replace(organisation, client_id="another") if wrong == "the client" else organisation)


def test_a_provider_that_is_away_is_told_and_lets_nobody_in(postgres_database: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    gone = Organisation(issuer="http://localhost:9", client_id="calltime", secret_file=secret)
    with open_office(postgres_database, gone) as address, browser_at(address) as client:
        page = client.get("/sign-in/organisation")

    assert page.status_code == 502
    assert "cannot be reached" in page.text


def test_half_a_setting_and_a_plain_address_are_faults_that_are_told_together() -> None:
    settings = {
        "CALLTIME_DATABASE": "postgresql:///x",
        "CALLTIME_OIDC_ISSUER": "http://sign-in.example.org",
        "CALLTIME_KEEP_AUDIT_YEARS": "1",
    }
    with pytest.raises(BadConfig) as told:
        from_environment(settings)

    for says in ("go together", "must begin with https://", "CALLTIME_KEEP_AUDIT_YEARS must be a whole number from 2"):
        assert says in str(told.value)
