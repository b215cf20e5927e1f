"""How does a provider want to be told of late and missed visits, and of which was it told?"""

from __future__ import annotations

import re
from datetime import time, timedelta
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.alert_words import TEST, TEST_SUBJECT, TESTS_AN_HOUR
from calltime_server.people.email_address import is_email
from calltime_server.rights import Right
from calltime_server.store.alerts import AlertSetting, read_alerts, read_settings, set_alerts
from calltime_server.store.asked import list_providers
from calltime_server.store.connection import Connection
from calltime_server.store.messages import tests_since, write_email
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of
from calltime_server.web.alert_told import told_of
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render

SHOWN_FOR = timedelta(days=14)
A_PAGE = 50
FIELDS = ("late_minutes", "email", "quiet_from", "quiet_until")
DONE = {
    "saved": N_("Saved. It holds from now on."),
    "tested": N_(
        "A test was written. If it is not in the mailbox within some minutes, ask whoever runs this server about its mail server."
    ),
}
NOT_SENT = {
    "saved": N_("Saved. But no e-mail can leave this server, so nobody is told at this address yet."),
    "tested": N_("Saved. But no test was sent: no e-mail can leave this server."),
}
"""The same where there is no mail server."""
AN_HOUR = timedelta(hours=1)
_ENOUGH = N_("Five tests were sent within an hour, and no more are. Look at those first, or wait until the hour is over.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the page."""

    @pages.get("/settings/alerts")
    def alerts(request: Request, provider: str = "", before: str = "") -> HTMLResponse:
        with office.open(request, Right.KEEP_ALERTS, "looked at alerts", {"provider": _whose(request, provider)}) as connection:
            return _page(request, connection, office, _whose(request, provider), before=before)

    @pages.post("/settings/alerts")
    def save(request: Request, form: Form) -> Response:
        provider, step = _whose(request, form.text("provider")), form.text("step")
        did = "had a test of alerts sent" if step == "test" else "changed how alerts are told"
        with office.open(request, Right.KEEP_ALERTS, did, {"provider": provider}) as connection:
            setting = _read(form)
            faults = setting if isinstance(setting, dict) else {}
            if provider not in list_providers(connection) and provider != seat_of(request).seated.who.provider:
                faults = {"provider": N_("Choose whose alerts these are.")} | faults
            if isinstance(setting, AlertSetting) and step == "test" and not setting.email:
                faults = {"email": N_("Write the e-mail address to which the test is to go.")}
            if faults or isinstance(setting, dict):
                return _page(request, connection, office, provider, typed=form, faults=faults)
            if step == "test" and tests_since(connection, provider, since=office.now() - AN_HOUR) >= TESTS_AN_HOUR:
                return _page(request, connection, office, provider, typed=form, faults={"email": _ENOUGH})
            _save(connection, provider, setting, request, office)
        if step == "test" and office.sends_mail:
            # Only the office itself writes e-mail, here to the address that was just saved.
            with office.database.as_office() as connection:
                write_email(
                    connection, to=setting.email or "", subject=TEST_SUBJECT, body=TEST, event="test", provider=provider, now=office.now()
                )
        return RedirectResponse(
            f"/settings/alerts?provider={provider}&done={'tested' if step == 'test' else 'saved'}", HTTPStatus.SEE_OTHER
        )


def _save(connection: Connection, provider: str, setting: AlertSetting, request: Request, office: Office) -> None:
    now, by = office.now(), seat_of(request).seated.who.name
    set_alerts(connection, provider, setting, by=by, now=now)
    # From when on visits of these days are late is written in the log.
    today = day_of(now)
    mark_days(connection, [today, today + timedelta(days=1)], now=now)


def _page(
    request: Request,
    connection: Connection,
    office: Office,
    provider: str,
    *,
    before: str = "",
    typed: Posted | None = None,
    faults: dict[str, str] | None = None,
) -> HTMLResponse:
    own = seat_of(request).seated.who.provider
    behind = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = read_alerts(connection, since=office.now() - SHOWN_FOR, provider=provider or None, before=behind, limit=A_PAGE + 1)
    setting = read_settings(connection).get(provider, AlertSetting())
    done, unsent = request.query_params.get("done", ""), bool(setting.email) and not office.sends_mail
    return render(
        request,
        "alerts.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        alerts=found[:A_PAGE],
        next=f"/settings/alerts?provider={provider}&before={found[A_PAGE - 1].alert}" if len(found) > A_PAGE else None,
        shown={name: typed.text(name) for name in FIELDS} if typed else _shown(setting),
        own=own,
        provider=provider,
        providers=[] if own else list_providers(connection),
        days=SHOWN_FOR.days,
        done=(NOT_SENT if unsent else DONE).get(done),
        unsent=unsent,
        sends_mail=office.sends_mail,
        told_of=told_of(connection, found[:A_PAGE], office),
        faults=faults or {},
    )


def _whose(request: Request, asked: str) -> str:
    return seat_of(request).seated.who.provider or asked.replace("\0", "")


def _shown(setting: AlertSetting) -> dict[str, str]:
    quiet = {name: f"{at:%H:%M}" if at else "" for name, at in (("quiet_from", setting.quiet_from), ("quiet_until", setting.quiet_until))}
    return {"late_minutes": str(setting.late_minutes), "email": setting.email or "", **quiet}


def _read(form: Posted) -> AlertSetting | dict[str, str]:
    """The setting, or what is wrong by field."""
    late, email, begins, ends = (form.text(name) for name in FIELDS)
    faults = {}
    if not re.fullmatch(r"\d{1,3}", late, re.ASCII) or not 1 <= int(late) <= 240:
        faults["late_minutes"] = N_("Write after how many minutes a visit is late: a whole number from 1 to 240.")
    if email and not is_email(email):
        faults["email"] = N_("Write one e-mail address, such as rota@example.org, or leave it empty: then none is written.")
    for name, text in (("quiet_from", begins), ("quiet_until", ends)):
        if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
            faults[name] = N_("Write a time of day, such as 22:00.")
    if bool(begins) != bool(ends):
        faults.setdefault(
            "quiet_until" if begins else "quiet_from", N_("Write both when the quiet hours begin and when they end, or neither.")
        )
    if faults:
        return faults
    quiet = [time.fromisoformat(text) if text else None for text in (begins, ends)]
    return AlertSetting(late_minutes=int(late), email=email or None, quiet_from=quiet[0], quiet_until=quiet[1])
