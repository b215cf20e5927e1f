"""Who looks at a page, in which language?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from calltime_server.people.desk import Seated
from calltime_server.rights import Person

Language = Literal["en", "cy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """`who` is None for somebody who is not signed in; `csrf` is then empty."""

    who: Person | None = None
    language: Language = "en"
    csrf: str = ""

    @property
    def seated(self) -> Seated:
        """The person, who is there: the guard has let nobody else in."""
        assert self.who is not None, "this page is behind the guard"  # noqa: S101
        return Seated(who=self.who)
