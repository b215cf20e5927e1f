"""How much of what was planned was given?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from calltime_server.jobs.reports import REPORTS
from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.planned_visits import names_in_plan
from calltime_server.store.variance import Compared, Looked, latest_day, read_variance, share_of
from calltime_server.visits.civil_day import day_of
from calltime_server.web import reporting
from calltime_server.web.actuals import Outcome
from calltime_server.web.from_to import FromTo, read_from_to
from calltime_server.web.language import N_
from calltime_server.web.office import Office
from calltime_server.web.rendering import render
from calltime_server.web.shown import per_cent

FOUR_WEEKS = timedelta(days=27)
MONTH = timedelta(days=30)
# How much of the planned time was given, in hundredths of a per cent from which on, and how that is called.
DEGREES = (
    (10_500, Outcome(name="odd", symbol="▲", words=N_("more than planned (105 % and above)"))),
    (9_500, Outcome(name="good", symbol="✓", words=N_("as planned (95 to 105 %)"))),
    (8_500, Outcome(name="mend", symbol="!", words=N_("less than planned (85 to 95 %)"))),
    (0, Outcome(name="bad", symbol="✕", words=N_("much less than planned (below 85 %)"))),
)
# What a stacked bar of time is made of.
TIMES = (
    Outcome(name="good", symbol="✓", words=N_("Given of what was planned")),
    Outcome(name="bad", symbol="✕", words=N_("Planned and not given")),
    Outcome(name="odd", symbol="▲", words=N_("Given beyond what was planned")),
)
BANDS = (
    ("under_15", N_("more than 15 min shorter")),
    ("under_5", N_("5 to 15 min shorter")),
    ("as_planned", N_("within 5 min")),
    ("over_5", N_("5 to 15 min longer")),
    ("over_15", N_("more than 15 min longer")),
)
STARTS = (
    ("early", N_("More than 15 min early")),
    ("on_time", N_("Within 15 min")),
    ("late", N_("More than 15 min late")),
)
_NOTHING = Markup("–")
GROUPS = (("provider", N_("Provider")), ("zone", N_("Zone")), ("service", N_("Service")), ("week", N_("Week from")))


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""
    reporting.add_to(pages, office)

    @pages.get("/variance")
    def variance(request: Request, first: str = "", last: str = "", provider: str = "", zone: str = "", service: str = "") -> HTMLResponse:
        chosen = {"provider": provider[:200], "zone": zone[:200], "service": service[:200]}
        chosen = {name: text.replace("\0", "") for name, text in chosen.items()}
        about = {"first": first, "last": last, **chosen}
        with office.open(request, Right.COMPARE, "looked at variance", about) as connection:
            # Today is not over: what is still to come would stand as not given.
            yesterday = day_of(office.now()) - timedelta(days=1)
            days = read_from_to(first, last, otherwise=_latest_weeks(connection, yesterday))
            days = replace(days, first=min(days.first, yesterday), last=min(days.last, yesterday))
            found = read_variance(connection, Looked(first=days.first, last=days.last, **chosen))
            names = names_in_plan(connection)
        groups = {"provider": found.providers, "zone": found.zones, "service": found.services, "week": found.weeks}
        return render(
            request,
            "variance.html",
            status=HTTPStatus.BAD_REQUEST if days.faults else HTTPStatus.OK,
            days=days,
            chosen=chosen,
            names=names,
            found=found,
            groups=[(name, words, _with_plan(groups[name])) for name, words in GROUPS],
            percent=percent,
            pieces=pieces,
            as_day=date.fromisoformat,
            degree=degree,
            degrees=[each for _, each in DEGREES],
            times=TIMES,
            bands=BANDS,
            starts=STARTS,
            matrix=_matrix(_with_plan(found.provider_zones), narrowed(days, {"service": chosen["service"]}, {})),
            visits_of=partial(visits_of, days, chosen),
            narrowed=partial(narrowed, days, chosen),
            reports=[(name, each.says) for name, each in REPORTS.items()],
        )


def degree(compared: Compared) -> Outcome | None:
    """How much of the planned time was given, as a state; None where nothing was planned."""
    share = share_of(compared.given.contact_seconds, compared.given.planned_minutes * 60)
    return None if share is None else _called(share)


def _called(share: int) -> Outcome:
    return next(each for least, each in DEGREES if share >= least)


def percent(part: int, whole: int) -> str:
    """How much that is of the whole, or a dash where there is none."""
    share = share_of(part, whole)
    return "–" if share is None else per_cent(share)


def pieces(compared: Compared) -> list[int]:
    """Whole minutes of the pieces of a bar, in the order of TIMES. What one visit was longer does not make up for what another lacks."""
    planned, missing, extra = compared.given.planned_minutes, compared.given.missing_seconds // 60, compared.given.extra_seconds // 60
    return [planned - missing, missing, extra]


def _latest_weeks(connection: Connection, yesterday: date) -> tuple[date, date]:
    last = latest_day(connection, until=yesterday) or yesterday
    return last - FOUR_WEEKS, last


def _with_plan(groups: Sequence[Compared]) -> list[Compared]:
    """Those of which something was planned or is paid: contacts that nobody planned are told of as a whole."""
    return [each for each in groups if each.given.planned or each.paid.pence]


def _matrix(groups: Sequence[Compared], address: str) -> Mapping[str, object]:
    """Zones, and for each provider its squares in their order, each with its zone. `address` is that of the page without provider and zone.

    A council has hundreds of squares, so what a row or a column has in common is written once.
    """
    asked_zone = {zone: _asked("zone", zone) for zone in sorted({each.key[1] for each in groups})}
    asked_provider = {name: _asked("provider", name) for name in sorted({each.key[0] for each in groups})}
    compared = {each.key: each for each in groups}
    rows = [
        (name, [(zone, _square(compared.get((name, zone)), address + provider + asked)) for zone, asked in asked_zone.items()])
        for name, provider in asked_provider.items()
    ]
    return {"zones": list(asked_zone), "rows": rows}


def _square(compared: Compared | None, href: str) -> Markup:
    """Where a provider's row meets a zone: how it is called there, in per cent how much, and the way to its figures."""
    share = share_of(compared.given.contact_seconds, compared.given.planned_minutes * 60) if compared else None
    if share is None:
        return _NOTHING
    state = _called(share)
    return Markup(  # noqa: S704 (everything but the address is ours)
        f'<a class="govuk-link" href="{escape(href)}"><span class="office-state is-{state.name}">'
        f'<span aria-hidden="true">{state.symbol}</span> {per_cent(share)}</span></a>'
    )


def _asked(name: str, text: str) -> str:
    return f"&{urlencode({name: text})}" if text else ""


def visits_of(days: FromTo, chosen: Mapping[str, str], group: Mapping[str, str]) -> str:
    """The address of the visits behind a group: of its days, as far as the visit log shows so many at once."""
    first, last, others = _days_of(days, group)
    asked = {**chosen, **others, "day": first.isoformat(), "until": min(last, first + MONTH).isoformat()}
    return "/visits?" + urlencode({name: text for name, text in asked.items() if text})


def narrowed(days: FromTo, chosen: Mapping[str, str], group: Mapping[str, str]) -> str:
    """The address of this page for one group."""
    first, last, others = _days_of(days, group)
    asked = {"first": first.isoformat(), "last": last.isoformat(), **chosen, **others}
    return "/variance?" + urlencode({name: text for name, text in asked.items() if text})


def _days_of(days: FromTo, group: Mapping[str, str]) -> tuple[date, date, dict[str, str]]:
    """Those of a week within the days that are asked for, or all of them; and what else the group is known by."""
    others = dict(group)
    week = others.pop("week", "")
    if not week:
        return days.first, days.last, others
    monday = date.fromisoformat(week)
    return max(days.first, monday), min(days.last, monday + timedelta(days=6)), others
