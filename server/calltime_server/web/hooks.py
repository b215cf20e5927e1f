"""Which programs are told when something happens, and did the messages arrive?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.webhook_post import new_secret, wrong_address
from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.hooks import EVENTS, Hook, add_hook, disable_hook, find_hook, list_hooks, test_hook
from calltime_server.store.messages import list_deliveries, send_again
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
AT_MOST = 20
"""Webhooks of one organisation."""
WORDS = {
    "run.approved": N_("A run was approved"),
    "run.exported": N_("A run was handed to the finance system"),
    "visit.late": N_("Visits are late"),
    "visit.missed": N_("Visits are missed"),
    "test": N_("A test"),
}
STANDS = {
    "sent": {"name": "good", "symbol": "✓", "words": N_("Taken")},
    "waiting": {"name": "going", "symbol": "…", "words": N_("Is about to be sent")},
    "again": {"name": "mend", "symbol": "!", "words": N_("Not taken yet, the next try:")},
    "given_up": {"name": "bad", "symbol": "×", "words": N_("Given up")},
}
TAKES = (
    N_("It begins with https:// and lies on the public internet. Addresses in a private network, or of this server itself, are not taken."),
    N_("It begins with https://. It may lie in a private network; of this server itself http:// is taken, too."),
)
"""Which addresses there may be: where webhooks may not be in private networks, and where they may."""
DONE = {
    "disabled": N_("The webhook was disabled. Nothing more is sent to it."),
    "tested": N_("A test message was written. In some seconds this page says what was answered."),
    "again": N_("The message is sent again, under the id that it had."),
}
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages."""

    @pages.get("/settings/hooks")
    def hooks(request: Request) -> HTMLResponse:
        with office.open(request, Right.KEEP_HOOKS, "looked at webhooks") as connection:
            return _list(request, connection, office, {}, {})

    @pages.post("/settings/hooks")
    def add(request: Request, form: Form) -> Response:
        address, events, who = form.text("address"), [each for each in form.all("event") if each in EVENTS], seat_of(request).seated.who
        with office.open(request, Right.KEEP_HOOKS, "added a webhook", {"address": address[:500], "events": events}) as connection:
            faults = _faults(address, events, list_hooks(connection, provider=who.provider), office)
            if faults:
                return _list(request, connection, office, {"address": address, "events": events}, faults)
            secret = new_secret()
            add_hook(connection, address=address, secret=secret, events=events, provider=who.provider, by=who.name, now=office.now())
        # Answered at once and not after a redirect: the secret is in no address, and is shown this once.
        return render(request, "hook_made.html", status=HTTPStatus.CREATED, secret=secret, address=address)

    @pages.get("/settings/hooks/{number}")
    def hook(request: Request, number: Number, before: str = "") -> HTMLResponse:
        behind = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
        with office.open(request, Right.KEEP_HOOKS, "looked at a webhook", {"webhook": number}) as connection:
            found = _one(request, connection, number)
            sent = list_deliveries(connection, number, before=behind, limit=A_PAGE + 1)
        more = f"/settings/hooks/{number}?before={sent[A_PAGE - 1].message}" if len(sent) > A_PAGE else None
        done = DONE.get(request.query_params.get("done", ""))
        return render(request, "hook.html", hook=found, deliveries=sent[:A_PAGE], next=more, words=WORDS, stands=STANDS, done=done)

    @pages.post("/settings/hooks/{number}")
    def change(request: Request, number: Number, form: Form) -> Response:
        step = form.text("step")
        did = {"disable": "disabled a webhook", "test": "sent a test to a webhook"}.get(step, "sent a message to a webhook again")
        with office.open(request, Right.KEEP_HOOKS, did, {"webhook": number}) as connection:
            found = _one(request, connection, number)
            done = _change(connection, found, step, office)
        return RedirectResponse(f"/settings/hooks/{number}?done={done}", HTTPStatus.SEE_OTHER)


def _faults(address: str, events: list[str], known: tuple[Hook, ...], office: Office) -> dict[str, str]:
    """What must be mended before it can be added, by field."""
    # To what a name leads is looked up whenever something is sent; what is refused then by the address alone is refused here.
    wrong = wrong_address(address, private=office.hooks_private)
    faults = {"address": wrong} if wrong else {}
    if not events:
        faults["event"] = N_("Choose at least one event of which the program is to be told.")
    if sum(each.disabled_at is None for each in known) >= AT_MOST:
        faults["address"] = N_("Your organisation has twenty webhooks already. Disable one that is not needed any more.")
    return faults


def _list(request: Request, connection: Connection, office: Office, typed: dict[str, object], faults: dict[str, str]) -> HTMLResponse:
    return render(
        request,
        "hooks.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        hooks=list_hooks(connection, provider=seat_of(request).seated.who.provider),
        events=[(event, WORDS[event]) for event in EVENTS],
        words=WORDS,
        takes=TAKES[office.hooks_private],
        typed={"address": "", "events": []} | typed,
        faults=faults,
    )


def _one(request: Request, connection: Connection, number: int) -> Hook:
    found = find_hook(connection, number, provider=seat_of(request).seated.who.provider)
    if found is None:
        says = N_("Your organisation has no such webhook. Nothing was changed. Go back to the list and choose again.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such webhook"), says)
    return found


def _change(connection: Connection, hook: Hook, step: str, office: Office) -> str:
    if step == "disable":
        disable_hook(connection, hook.webhook, provider=hook.provider, now=office.now())
        return "disabled"
    if step == "test":
        test_hook(connection, hook, now=office.now())
        return "tested"
    message = step.removeprefix("again-")
    if message.isascii() and message.isdecimal() and len(message) < 19:
        send_again(connection, int(message), webhook=hook.webhook, now=office.now())
    return "again"
