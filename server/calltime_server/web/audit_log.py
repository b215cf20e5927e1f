"""Who did what?"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import Response

from calltime_server.rights import Right
from calltime_server.store.audit_log import ABOUT, Entry, Wanted, read_deeds, read_entries, wanted_by
from calltime_server.visits.written import plain_cell
from calltime_server.web.language import N_
from calltime_server.web.office import Office
from calltime_server.web.rendering import render

ON_A_PAGE = 50
AT_MOST = 100_000
"""Lines of a file: more than that is asked for in parts, by days."""
SHOWN = 20
"""Parts of a list that are shown; the file has all that were noted."""
ABOUT_WORDS = {
    "service_user": N_("Service user"),
    "carer": N_("Carer"),
    "visit": N_("Visit"),
    "provider": N_("Provider"),
    "day": N_("Day"),
    "run": N_("Payment run"),
    "person": N_("Account (its number)"),
}
COLUMNS = ("number", "at", "person", "token", "name", "role", "provider", "did", "about")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room. To look into the log is itself noted in it."""

    @pages.get("/audit")
    def audit(
        request: Request,
        first: str = "",
        last: str = "",
        who: str = "",
        did: str = "",
        about: str = "",
        value: str = "",
        before: str = "",
        format: str = "",  # noqa: A002
    ) -> Response:
        asked = {"first": first, "last": last, "who": who, "did": did, "about": about, "value": value.strip()}
        asked = {name: text for name, text in asked.items() if text}
        wanted = _wanted(office, asked)
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        at_most = AT_MOST if format == "csv" else ON_A_PAGE
        phrase = "fetched the audit log" if format == "csv" else "looked at the audit log"
        with office.open(request, Right.SEE_AUDIT, phrase, {"asked": asked} if asked else None) as connection:
            entries = read_entries(connection, wanted, before=number, limit=at_most + 1)
            deeds = read_deeds(connection)
        if format == "csv":
            return _csv(entries[:at_most])
        behind = entries[at_most - 1].number if len(entries) > at_most else None
        return render(
            request,
            "audit.html",
            entries=[(entry, _about(entry)) for entry in entries[:at_most]],
            asked=asked,
            deeds=deeds,
            about_words=ABOUT_WORDS,
            query=urlencode(asked),
            next=f"/audit?{urlencode({**asked, 'before': behind})}" if behind else None,
        )


def _wanted(office: Office, asked: dict[str, str]) -> Wanted:
    about = (asked["about"], asked["value"]) if asked.get("about") in ABOUT and "value" in asked else None
    first, last = _day(asked.get("first", "")), _day(asked.get("last", ""))
    return wanted_by(office.database, first=first, last=last, who=asked.get("who", ""), did=asked.get("did", ""), about=about)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def _about(entry: Entry) -> str:
    """What it was about, in a line; without the fields that were left empty."""
    return _told(entry.about) or "–"


def _told(about: Mapping[str, object]) -> str:
    return "; ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in about.items() if value not in (None, "", [], {}))


def _value(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return f"({_told(value)})"
        case list():
            more = f" and {len(value) - SHOWN} more" if len(value) > SHOWN else ""
            return ", ".join(_value(each) for each in value[:SHOWN]) + more
        case _:
            return str(value)


def _csv(entries: tuple[Entry, ...]) -> Response:
    written = io.StringIO()
    lines = csv.writer(written)
    lines.writerow(COLUMNS)
    for entry in entries:
        about = json.dumps(entry.about, ensure_ascii=False)
        row = (entry.number, entry.at.isoformat(), entry.person, entry.token, entry.name, entry.role, entry.provider, entry.did, about)
        lines.writerow([plain_cell(cell) for cell in row])
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return Response(written.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)
