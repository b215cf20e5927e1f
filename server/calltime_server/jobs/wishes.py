"""What does a person want to mend, and what would come of it?"""

from __future__ import annotations

from dataclasses import dataclass

from calltime_server.store.amending import NewEntry, NewLook, NewReport
from calltime_server.store.mending import ToLookAt, ToMend

ENTER, LOOKED_AT = "enter", "looked_at"
REPORTS = ("no_access", "declined_at_door", "cancelled_by_client", "cancelled_by_council")
WAYS = (ENTER, *REPORTS, LOOKED_AT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One row as it was typed; what was left empty is empty."""

    known_as: str
    start: str = ""
    stop: str = ""
    carer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants of these rows of a queue: `way` is one of WAYS, `told_at` a day and time of London's clocks."""

    queue: str
    way: str
    rows: tuple[Typed, ...]
    reason: str = ""
    words: str = ""
    told_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing to mend in a form. `place` is its field: reason, words …, or start, stop, carer or row with a point and the row's name."""

    place: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one row comes to: the row as it stands, and what will be written for it. `tap_is_stop`: its one tap is read as the stop."""

    row: ToMend | ToLookAt
    entries: tuple[NewEntry, ...] = ()
    tap_is_stop: bool = False
    report: NewReport | None = None
    look: NewLook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """All that would be written, and all that stands in its way. Nothing is written while there is a wrong."""

    changes: tuple[Change, ...] = ()
    wrongs: tuple[Wrong, ...] = ()
