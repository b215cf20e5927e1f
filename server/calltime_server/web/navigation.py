"""Which rooms has the office, and who finds the way to which?"""

from __future__ import annotations

from dataclasses import dataclass

from calltime_server.rights import Right, Role
from calltime_server.web.seat import Seat


def _(text: str) -> str:
    """Marks a title for the catalogue; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A page in the navigation: its path, its title in English (the key of its translation), and who may go in.

    `of_provider`: it is named to providers alone; the council finds the way there from its own rooms.
    """

    path: str
    title: str
    right: Right
    of_provider: bool = False


ROOMS = (
    Room(path="/today", title=_("Today"), right=Right.SEE_VISITS),
    Room(path="/visits", title=_("Visits"), right=Right.SEE_VISITS),
    Room(path="/mend", title=_("To mend"), right=Right.MEND),
    Room(path="/runs", title=_("Periods and runs"), right=Right.SEE_RUNS),
    Room(path="/statements", title=_("Statements"), right=Right.SEE_PAY, of_provider=True),
    Room(path="/actuals", title=_("Payment actuals"), right=Right.SEE_PAY),
    Room(path="/variance", title=_("Variance"), right=Right.COMPARE),
    Room(path="/compliance", title=_("Compliance"), right=Right.SEE_VISITS),
    Room(path="/doors", title=_("Doors and tags"), right=Right.SEE_DOORS),
    Room(path="/carers", title=_("Carers"), right=Right.SEE_CARERS),
    Room(path="/terms", title=_("Terms"), right=Right.SEE_TERMS),
    Room(path="/plan", title=_("Plans and packages"), right=Right.SEE_PLAN),
    Room(path="/absences", title=_("Absences"), right=Right.SEE_PLAN),
    Room(path="/brought", title=_("Brought visits"), right=Right.BRING),
    Room(path="/own", title=_("My visits"), right=Right.SEE_OWN),
    Room(path="/settings", title=_("Settings"), right=Right.KEEP_TOKENS),
    Room(path="/people", title=_("People"), right=Right.KEEP_PEOPLE),
    Room(path="/audit", title=_("Audit log"), right=Right.SEE_AUDIT),
)


def rooms_of(seat: Seat) -> tuple[Room, ...]:
    """The rooms that this person may go into, in order."""
    if seat.who is None:
        return ()
    provider = seat.who.role is Role.PROVIDER
    return tuple(room for room in ROOMS if seat.who.may(room.right) and (provider or not room.of_provider))
