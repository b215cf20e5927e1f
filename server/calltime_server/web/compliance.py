"""How much of what was due was tapped at both ends? A provider sees its own, the council all of them beside one another."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from calltime_server.rights import Right
from calltime_server.store.compliance import OfProvider, list_zones, read_providers, read_threshold, read_weeks
from calltime_server.visits.civil_day import day_of
from calltime_server.web.from_to import read_from_to
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.shown import day_and_month, per_cent
from calltime_server.web.visit_log import State

KINDS = (
    State(name="good", symbol="✓", words=N_("Tapped at both ends")),
    State(name="amended", symbol="✎", words=N_("Amended")),
    State(name="odd", symbol="⇄", words=N_("Brought by another system")),
    State(name="told", symbol="–", words=N_("Reported by the provider")),
    State(name="missed", symbol="✕", words=N_("Missing")),
)
ABOVE = State(name="good", symbol="✓", words=N_("As asked"))
BELOW = State(name="mend", symbol="!", words=N_("Below"))
SORTS = {
    "share": N_("Lowest share first"),
    "amended": N_("Most amended first"),
    "due": N_("Most visits first"),
    "provider": N_("By provider"),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/compliance")
    def compliance(
        request: Request, first: str = "", last: str = "", zone: str = "", provider: str = "", sort: str = "share"
    ) -> HTMLResponse:
        # Today is not over: what is still to come would stand as missing.
        yesterday = day_of(office.now()) - timedelta(days=1)
        asked = read_from_to(first, last, otherwise=(yesterday - timedelta(days=83), yesterday))
        about = {"first": asked.first, "last": asked.last, "zone": zone, "provider": provider}
        until = min(asked.last, yesterday)
        with office.open(request, Right.SEE_VISITS, "looked at compliance", about) as connection:
            zones = list_zones(connection, first=asked.first, last=until)
            providers = read_providers(connection, first=asked.first, last=until, zone=zone or None)
            weeks = read_weeks(connection, first=asked.first, last=until, zone=zone or None, provider=provider or None)
            threshold = read_threshold(connection)
        chosen = sort if sort in SORTS else "share"
        bars = [
            {
                "label": day_and_month(each.monday, language=seat_of(request).language),
                "values": (each.share.electronic, each.share.amended, each.share.brought, each.share.reported, each.share.missing),
                "sum": "–" if each.share.hundredths is None else per_cent(each.share.hundredths, threshold),
            }
            for each in weeks
            if each.share.due
        ]
        return render(
            request, "compliance.html", asked=asked, zones=zones, zone=zone, provider=provider, providers=_sorted(providers, chosen),
            bars=bars, threshold=threshold, kinds=KINDS, above=ABOVE, below=BELOW, sorts=list(SORTS.items()), sort=chosen,
            query=urlencode({name: value for name, value in {**asked.query, "zone": zone, "sort": chosen}.items() if value}),
        )  # fmt: skip


def _sorted(providers: tuple[OfProvider, ...], sort: str) -> list[OfProvider]:
    match sort:
        case "amended":
            return sorted(providers, key=lambda each: (-(each.share.part(each.share.amended) or 0), each.provider))
        case "due":
            return sorted(providers, key=lambda each: (-each.share.due, each.provider))
        case "provider":
            return sorted(providers, key=lambda each: each.provider)
        case _:
            # Without a visit that was due there is no share to be low.
            return sorted(providers, key=lambda each: (each.share.hundredths is None, each.share.hundredths or 0, each.provider))
