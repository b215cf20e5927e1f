"""What can become of what a carer held to the reader? One value for each thing that a carer must be able to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from calltime_edge.readers.sightings import Why
from calltime_wire.records import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The tap is safe on this door. `at` is the door's time of it, UTC; `queued` counts the records that the office has not confirmed."""

    seq: int
    action: Action
    at: datetime
    queued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyDone:
    """The same carer tapped here a moment ago; nothing was recorded and nothing was changed. `at` is when, UTC."""

    action: Action
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeNext:
    """The home's waiting tag was held to its reader: whose waiting it is, the badge will say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """What was seen is no tap at this door."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStored:
    """The tap could not be made safe, so it is not confirmed. `because` is for the operator, in the words of the system."""

    because: str


Answer: TypeAlias = Confirmed | AlreadyDone | BadgeNext | NotUnderstood | NotStored
