"""What would change if a file's rows stood in place of those that stand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from calltime_server.visits.written import as_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Frames of one shape, by `key`: rows that are new; rows that change, as they stand (`before`) and as they would (`after`), in the same
    order; rows that would be removed. `unchanged`: how many rows say what stands already. `touched`: the first column of the key of rows
    that change or go, of which something is in the record already.
    """

    key: tuple[str, ...]
    added: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame
    removed: pl.DataFrame
    unchanged: int
    touched: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether everything stays as it is."""
        return self.added.is_empty() and self.after.is_empty() and self.removed.is_empty()

    @property
    def written(self) -> pl.DataFrame:
        """The rows that are written when the file is taken."""
        return pl.concat([self.added, self.after])

    @property
    def digest(self) -> str:
        """The same for the same changes: what was looked at is what is taken."""
        parts = [as_csv(frame) for frame in (self.added, self.before, self.after, self.removed)]
        return sha256(b"\0".join([*parts, "\n".join(sorted(self.touched)).encode()])).hexdigest()


def compare(standing: pl.DataFrame, wanted: pl.DataFrame, *, key: Sequence[str], removing: bool = False) -> Difference:
    """Frames of one shape, each with one row for a key. With `removing`, what stands and is not wanted goes."""
    columns = wanted.columns
    standing = standing.select(columns)
    added = wanted.join(standing, on=key, how="anti")
    both = wanted.join(standing, on=key, how="semi")
    unchanged = both.join(standing, on=columns, how="semi", nulls_equal=True)
    after = both.join(unchanged, on=key, how="anti").sort(key)
    before = standing.join(after, on=key, how="semi").sort(key)
    gone = standing.join(wanted, on=key, how="anti").sort(key) if removing else standing.clear()
    return Difference(key=tuple(key), added=added.sort(key), before=before, after=after, removed=gone, unchanged=unchanged.height)


def changes_of(before: dict[str, object], after: dict[str, object]) -> tuple[tuple[str, object, object], ...]:
    """Column, old and new, of one row that changes."""
    return tuple((name, before[name], after[name]) for name in after if before[name] != after[name])
