"""Does every link of the settings lead somewhere for whoever is shown it, and is nobody told of what this office would not do?"""

import re

import httpx
import pytest

from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from fixtures.html import read_page
from fixtures.office import Pass, csrf_of, let_in, office, open_office
from fixtures.small_day import EVENING, SmallDay

NORTH = "North Care"


def seated(dsn: str, role: Role) -> Pass:
    return let_in(dsn, role, provider=NORTH if role is Role.PROVIDER else None)


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.CARER])
def test_each_link_of_the_settings_can_be_followed(small_day: SmallDay, role: Role) -> None:
    with office(small_day.dsn, let=seated(small_day.dsn, role)) as desk:
        paths = re.findall(r'<dt class="govuk-summary-list__key"><a class="govuk-link" href="([^"]+)"', desk.get("/settings").text)
        answers = {path: desk.get(path).status_code for path in paths}

    assert set(answers.values()) == {200}, answers
    assert ("/settings/brought" in answers) == (role is Role.OFFICER)
    assert ("/settings/lock" in answers) == (role is Role.OFFICER)


def test_a_provider_is_offered_no_telephone_line(small_day: SmallDay) -> None:
    with office(small_day.dsn, let=seated(small_day.dsn, Role.PROVIDER)) as desk, office(small_day.dsn) as council:
        assert "A telephone line" not in desk.get("/doors/new").text
        assert "A telephone line" in council.get("/doors/new").text


@pytest.mark.parametrize(("private", "status"), [(False, 422), (True, 201)])
def test_a_webhook_is_refused_when_it_is_added_if_it_would_be_when_it_is_sent(small_day: SmallDay, private: bool, status: int) -> None:
    officer = let_in(small_day.dsn)
    with (
        open_office(small_day.dsn, now=lambda: EVENING, hooks_private=private) as address,
        httpx.Client(base_url=address, headers={"Authorization": f"Bearer {officer.token}"}, cookies={COOKIE: officer.session}) as desk,
    ):
        sent = {"csrf": csrf_of(small_day.dsn, officer), "address": "http://127.0.0.1:9/x", "event": "run.approved"}
        page = desk.post("/settings/hooks", data=sent)
        by_program = desk.post("/api/v1/webhooks", json={"address": "http://127.0.0.1:9/x", "events": ["run.approved"]})

    assert (page.status_code, by_program.status_code) == (status, status)
    assert ("This address lies in a private network" in read_page(page.text).text) is not private
    assert "CALLTIME" not in page.text


def test_where_no_public_address_is_set_a_door_is_told_the_one_that_was_asked(small_day: SmallDay) -> None:
    officer = let_in(small_day.dsn)
    with open_office(small_day.dsn, now=lambda: EVENING, public_url="https://localhost") as address:
        sent = {"csrf": csrf_of(small_day.dsn, officer), "kind": "home", "reference": "S1"}
        page = httpx.post(f"{address}/doors/new", data=sent, cookies={COOKIE: officer.session}, timeout=30)

    assert f"--server {address}" in read_page(page.text).text
