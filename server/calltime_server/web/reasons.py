"""For which reasons may an end be entered by hand? The council's officer adds, words and archives them; none is ever removed."""

from __future__ import annotations

import re
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.payment.by_hand import paid_reasons
from calltime_server.rights import Right
from calltime_server.store.reasons import Reason, list_reasons, write_reason
from calltime_server.visits.civil_day import day_of
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/settings/reasons")
    def reasons(request: Request, change: str = "", done: str = "") -> HTMLResponse:
        return _page(request, office, change=change, done=done)

    @pages.post("/settings/reasons")
    def write(request: Request, form: Form) -> Response:
        with office.open(request, Right.KEEP_REASONS, "looked at the reasons for amendments") as connection:
            known = {each.code: each for each in list_reasons(connection, archived=True)}
        reason = _read(form, known)
        if isinstance(reason, dict):
            return _page(request, office, change=form.text("change"), typed=form, faults=reason)
        with office.open(request, Right.KEEP_REASONS, "changed the reasons for amendments", {"reason": reason.code}) as connection:
            write_reason(connection, reason, by=seat_of(request).seated.who.name, now=office.now())
        return RedirectResponse(f"/settings/reasons?done={reason.code}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    office: Office,
    *,
    change: str = "",
    done: str = "",
    typed: Posted | None = None,
    faults: dict[str, str] | None = None,
) -> HTMLResponse:
    with office.open(request, Right.KEEP_REASONS, "looked at the reasons for amendments") as connection:
        reasons = list_reasons(connection, archived=True)
    of = next((each for each in reasons if each.code == change), None)
    shown = {name: typed.text(name) for name in ("code", "english", "welsh", "needs_words")} if typed else _shown(of)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    paid = paid_reasons(office.terms, [day_of(office.now())])
    return render(
        request, "reasons.html", status=status, reasons=reasons, changing=of, shown=shown, done=done, faults=faults or {}, paid=paid
    )  # fmt: skip


def _shown(of: Reason | None) -> dict[str, str]:
    if of is None:
        return {"code": "", "english": "", "welsh": "", "needs_words": ""}
    return {"code": of.code, "english": of.english, "welsh": of.welsh or "", "needs_words": "yes" if of.needs_words else ""}


def _read(form: Posted, known: dict[str, Reason]) -> Reason | dict[str, str]:
    """The reason as it is to stand, or what is wrong by field."""
    standing = known.get(form.text("change"))
    if standing is not None and form.text("step") in ("archive", "offer"):
        fields = {name: getattr(standing, name) for name in ("code", "english", "welsh", "needs_words")}
        return Reason(**fields, archived=form.text("step") == "archive")
    code, english, welsh = standing.code if standing else form.text("code"), form.text("english"), form.text("welsh")
    faults = {}
    if standing is None and not re.fullmatch(r"[a-z0-9_]{1,40}", code):
        faults["code"] = N_(
            "Write a code of small letters, digits and underscores, such as forgot_in: files and programs name the reason by it."
        )
    elif standing is None and code in known:
        faults["code"] = N_("There is a reason with this code already, perhaps an archived one. Change that one, or write another code.")
    if not 1 <= len(english) <= 200:
        faults["english"] = N_("Write the reason in English, in at most 200 characters.")
    if len(welsh) > 200:
        faults["welsh"] = N_("Write the reason in Welsh in at most 200 characters.")
    if faults:
        return faults
    archived = standing.archived if standing else False
    return Reason(code=code, english=english, welsh=welsh or None, needs_words=form.text("needs_words") == "yes", archived=archived)
