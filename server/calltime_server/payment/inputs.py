"""What goes into a settlement, all of it, as frames?

The same from the database and from a bundle: whoever has these and the terms can compute every line again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.visits.told import Told
from calltime_server.visits.written import as_csv

# Frames that the first versions did not have.
LATER = ("brought", "brought_grades")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """PLAN, the taps as doors said them (SAID), CLOCKS and BADGES; and what people told and agreed."""

    plan: pl.DataFrame
    said: pl.DataFrame
    clocks: pl.DataFrame
    badges: pl.DataFrame
    told: Told
    agreed: Agreed

    def frames(self) -> Mapping[str, pl.DataFrame]:
        """Every frame by its name."""
        own = {name: getattr(self, name) for name in ("plan", "said", "clocks", "badges")}
        parts = (self.told, self.agreed)
        return own | {field.name: getattr(part, field.name) for part in parts for field in fields(part)}


def digests_of(inputs: Inputs) -> dict[str, str]:
    """SHA-256 of each frame as CSV, its rows in the order of their content: who reads in another order has the same inputs.

    Frames of `LATER` only where they hold something: what was settled before there were such has the same inputs as ever.
    """
    frames = {name: frame for name, frame in inputs.frames().items() if name not in LATER or not frame.is_empty()}
    return {name: hashlib.sha256(_written(frame)).hexdigest() for name, frame in frames.items()}


def digest_of(digests: Mapping[str, str]) -> str:
    """One SHA-256 over those of all frames."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in digests.items()).encode()).hexdigest()


def _written(frame: pl.DataFrame) -> bytes:
    return as_csv(frame.sort(frame.columns, nulls_last=True))
