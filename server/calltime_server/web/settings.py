"""What can an organisation set for itself?"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.responses import Response

from calltime_server.rights import Right
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A page of settings: where it is, what it is for, and who finds the way there (`rights`: any of them; none: everybody)."""

    path: str
    title: str
    says: str
    rights: tuple[Right, ...] = ()


SETTINGS = (
    Setting(path="/settings/me", title=N_("Your account"), says=N_("Password, second step, language, and where you are signed in.")),
    Setting(
        path="/settings/reasons",
        title=N_("Reasons"),
        says=N_("Why a visit may be mended: the list from which providers choose."),
        rights=(Right.KEEP_REASONS,),
    ),
    Setting(
        path="/settings/lock",
        title=N_("Lock date"),
        says=N_("From when on days are not mended any more, and who asks to mend one all the same."),
        rights=(Right.KEEP_LOCK,),
    ),
    Setting(
        path="/mend/unlock",
        title=N_("Ask to unlock"),
        says=N_("Up to which day visits are not mended any more, and how to ask the council to mend one all the same."),
        rights=(Right.ASK_UNLOCK,),
    ),
    Setting(
        path="/settings/brought",
        title=N_("Visits of other systems"),
        says=N_("With which providers it is agreed that visits of their own system count, and how much they prove."),
        rights=(Right.PREPARE,),
    ),
    Setting(
        path="/settings/alerts",
        title=N_("Alerts"),
        says=N_("Who is told of late and missed visits, after how long, and when not."),
        rights=(Right.KEEP_ALERTS,),
    ),
    Setting(
        path="/settings/tokens",
        title=N_("Tokens"),
        says=N_("Which programs may ask, what they may do, and until when."),
        rights=(Right.KEEP_TOKENS,),
    ),
    Setting(
        path="/settings/hooks",
        title=N_("Webhooks"),
        says=N_("Where programs are told when something has happened."),
        rights=(Right.KEEP_HOOKS,),
    ),
    Setting(
        path="/subject-access",
        title=N_("Subject access"),
        says=N_("Everything that is held about one service user or carer, to hand over when they ask for it."),
        rights=(Right.SUBJECT_ACCESS,),
    ),
)


def add_to(pages: FastAPI, _office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/settings")
    def settings(request: Request) -> Response:
        who = seat_of(request).seated.who
        shown = [each for each in SETTINGS if not each.rights or any(who.may(right) for right in each.rights)]
        return render(request, "settings.html", settings=shown)
