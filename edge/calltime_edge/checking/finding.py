"""What did `calltime-edge check` find at one point, and what is to be done next?"""

from __future__ import annotations

from dataclasses import dataclass

from calltime_edge.speaking import row


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the screen. `well`: None for what was not looked at; `then`: what next, where it is not well."""

    what: str
    well: bool | None
    says: str
    then: str = ""

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "–"}[self.well]
        lines = [row(f"{mark} {self.what}", self.says)]
        if self.then:
            lines.append(row("", f"→ {self.then}"))
        return "\n".join(lines)
