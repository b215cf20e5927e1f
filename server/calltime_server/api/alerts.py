"""Which visits were told as late or missed, and how is a provider told?"""

from __future__ import annotations

from datetime import time, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.jobs.alert_words import TEST, TEST_SUBJECT, TESTS_AN_HOUR
from calltime_server.people.email_address import EMAIL
from calltime_server.rights import Right
from calltime_server.store.alerts import AlertSetting, read_alerts, read_settings, set_alerts
from calltime_server.store.asked import list_providers
from calltime_server.store.messages import tests_since, write_email
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of

TAGS: list[str | Enum] = ["Alerts"]
SHOWN_FOR = timedelta(days=366)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Whose = Annotated[str, Query(max_length=200, description="Whose alerts, for tokens of the council; a provider's own sees its own.")]


class AlertOut(BaseModel):
    """A carer visit without a start, told once as late and once as missed. `started`: the carer came after all."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    alert: int
    kind: str = Field(examples=["late"])
    visit_id: str
    carer_no: int
    provider: str
    due_at: Time
    raised_at: Time
    service_user: str | None
    planned_start: Time | None
    started: Time | None


class Setting(BaseModel):
    """How a provider wants to be told. In the quiet hours, on London's clocks, nothing is sent; then all of it at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    late_minutes: int = Field(ge=1, le=240, examples=[15])
    email: Annotated[str, Field(pattern=EMAIL)] | None = Field(default=None, examples=["rota@example.org"])
    quiet_from: Annotated[str, Field(pattern=CLOCK)] | None = Field(default=None, examples=["22:00"])
    quiet_until: Annotated[str, Field(pattern=CLOCK)] | None = Field(default=None, examples=["06:30"])


class Tested(BaseModel):
    """To which address the test is written."""

    model_config = ConfigDict(frozen=True)

    email: str = Field(examples=["rota@example.org"])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/alerts", tags=TAGS, summary="List late and missed visits, the latest first", openapi_extra=needs(Right.KEEP_ALERTS))
    def alerts(request: Request, provider: Whose = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[AlertOut]:
        behind, whose = read_cursor(request, cursor, int), provider.replace("\0", "") or None
        with front.open(request, Right.KEEP_ALERTS, "read alerts", {"provider": provider}) as connection:
            since = front.now() - SHOWN_FOR
            found = read_alerts(connection, since=since, provider=whose, before=behind[0] if behind else None, limit=limit + 1)
        items = [AlertOut.model_validate(each) for each in found]
        return listed(request, items, limit=limit, key=lambda each: (each.alert,))

    @api.get("/alert-settings", tags=TAGS, summary="How a provider is told", openapi_extra=needs(Right.KEEP_ALERTS))
    def setting(request: Request, provider: Whose = "") -> Setting:
        with front.open(request, Right.KEEP_ALERTS, "read how alerts are told", {"provider": provider}) as connection:
            found = read_settings(connection).get(_whose(request, provider), AlertSetting())
        return Setting(
            late_minutes=found.late_minutes, email=found.email, quiet_from=_clock(found.quiet_from), quiet_until=_clock(found.quiet_until)
        )

    @api.put("/alert-settings", tags=TAGS, summary="Change how a provider is told", openapi_extra=needs(Right.KEEP_ALERTS))
    def change(request: Request, sent: Setting, provider: Whose = "") -> Setting:
        whose, now = _whose(request, provider), front.now()
        if (sent.quiet_from is None) != (sent.quiet_until is None):
            says = "Write both when the quiet hours begin and when they end, or neither."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says)
        begins, ends = (time.fromisoformat(at) if at else None for at in (sent.quiet_from, sent.quiet_until))
        wanted = AlertSetting(late_minutes=sent.late_minutes, email=sent.email, quiet_from=begins, quiet_until=ends)
        with front.open(request, Right.KEEP_ALERTS, "changed how alerts are told", {"provider": whose}) as connection:
            if seated_of(request).who.provider is None and whose not in list_providers(connection):
                says = "Say whose alerts these are: provider=… with the reference that the plan has."
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says)
            set_alerts(connection, whose, wanted, by=seated_of(request).who.name, now=now)
            mark_days(connection, [day_of(now), day_of(now) + timedelta(days=1)], now=now)
        return sent

    @api.post("/alert-settings/test", tags=TAGS, summary="Have a test of alerts sent", openapi_extra=needs(Right.KEEP_ALERTS))
    def test(request: Request, provider: Whose = "") -> Tested:
        whose = _whose(request, provider)
        with front.open(request, Right.KEEP_ALERTS, "had a test of alerts sent", {"provider": whose}) as connection:
            to = read_settings(connection).get(whose, AlertSetting()).email
            sent = tests_since(connection, whose, since=front.now() - timedelta(hours=1))
        if to is None:
            raise Problem(HTTPStatus.CONFLICT, "No e-mail address is set for these alerts. Set one, then ask for the test again.")
        if not front.sends_mail:
            says = "No e-mail can leave this server. Have whoever runs it set up a mail server, then ask again."
            raise Problem(HTTPStatus.CONFLICT, says)
        if sent >= TESTS_AN_HOUR:
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, f"{sent} tests were sent within an hour. Look at those first, or wait.")
        # Only the office itself writes e-mail, here to the address that is set.
        with front.desks.database.as_office() as connection:
            write_email(connection, to=to, subject=TEST_SUBJECT, body=TEST, event="test", provider=whose, now=front.now())
        return Tested(email=to)


def _whose(request: Request, provider: str) -> str:
    own = seated_of(request).who.provider
    if own is not None and provider not in ("", own):
        raise Problem(HTTPStatus.FORBIDDEN, "These are another provider's alerts. Leave provider out, or write your own.")
    return own or provider.replace("\0", "")


def _clock(at: time | None) -> str | None:
    return f"{at:%H:%M}" if at else None
