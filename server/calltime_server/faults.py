"""What is wrong with something that a person wrote, and in which line?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to mend in a file. `says` tells what, why and what next."""

    line: int | None
    column: str | None
    says: str
