"""What lies in a bundle, and is it whole?

A bundle is a zip: `manifest.json` with the run and the SHA-256 of every other file, CSV tables, and the terms' own text. The same content
gives the same bytes, so two bundles can be compared by their digest. Nothing in it is trusted because it is there: `verify` re-checks.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from calltime_server.payment.agreed import BANKED, BLOCKS, PACKAGES
from calltime_server.payment.inputs import LATER
from calltime_server.payment.lines import LINES
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.columns import PLAN
from calltime_server.visits.signed import DOORS, POSTED, RECEIPTS, RECORDS, TAGS
from calltime_server.visits.told import ABSENCES, BROUGHT, BROUGHT_GRADES, EMPLOYED, ENTRIES, JOURNEYS, REPORTS
from calltime_server.visits.whose import BADGES
from calltime_server.visits.written import as_csv

FORMAT: Literal[1] = 1
MANIFEST = "manifest.json"

# The lines that stood when the run had been posted, as the ledger has them; `run` is the one that posted each of them.
STANDING = pl.Schema({"line": pl.Int64(), "run": pl.Int64(), **LINES, "explanation": pl.String(), "falls_on": pl.Date()})

TABLES: Mapping[str, pl.Schema] = {
    "records.csv": RECORDS,
    "receipts.csv": RECEIPTS,
    "doors.csv": DOORS,
    "tags.csv": TAGS,
    "lines.csv": STANDING,
    "run.csv": POSTED,
}
# What each settlement of the run started from beside the records, in a folder of its own: named as `Inputs.frames` has them.
OF_SETTLEMENT: Mapping[str, pl.Schema] = {
    "badges": BADGES,
    "plan": PLAN,
    "reports": REPORTS,
    "absences": ABSENCES,
    "entries": ENTRIES,
    "employed": EMPLOYED,
    "journeys": JOURNEYS,
    "brought": BROUGHT,
    "brought_grades": BROUGHT_GRADES,
    "packages": PACKAGES,
    "blocks": BLOCKS,
    "banked": BANKED,
}


class NotABundle(ValueError):
    """This cannot be read as a bundle; the message says why and what next."""


class Settled(BaseModel):
    """One settlement: of what span, what was known, and by which files of terms (their names by their SHA-256)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settlement: int
    start: AwareDatetime
    end: AwareDatetime
    known_by: AwareDatetime
    terms: dict[str, str]

    @property
    def first_day(self) -> date:
        """The first of its days in London."""
        return day_of(self.start)

    @property
    def last_day(self) -> date:
        """The last of them."""
        return day_of(self.end - timedelta(milliseconds=1))


class Run(BaseModel):
    """A payment run: the days it is for, what it comes to in pence, and its settlements, oldest first: a later one stands for its span."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: int
    first_day: date
    last_day: date
    pence: int
    settlements: tuple[Settled, ...]


class Manifest(BaseModel):
    """What lies in the bundle: every other file's SHA-256."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    calltime_bundle: Literal[1]
    run: Run
    files: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """`run` is what the manifest says of the run; `tables` by file name; `told` by settlement and name; `terms` the contract files' text by
    their SHA-256. `altered`: sentences about files that are not as the manifest says.
    """

    run: Run
    tables: Mapping[str, pl.DataFrame]
    told: Mapping[int, Mapping[str, pl.DataFrame]]
    terms: Mapping[str, str]
    altered: tuple[str, ...]


def pack(
    *, run: Run, tables: Mapping[str, pl.DataFrame], told: Mapping[int, Mapping[str, pl.DataFrame]], terms: Mapping[str, str]
) -> bytes:
    """Write a bundle. The tables have the shapes of TABLES and OF_SETTLEMENT; `terms` by SHA-256."""
    files = {name: as_csv(tables[name].select(schema.names())) for name, schema in TABLES.items()}
    for settlement, frames in told.items():
        files |= {
            _place(settlement, name): as_csv(frames[name].select(schema.names()))
            for name, schema in OF_SETTLEMENT.items()
            if name not in LATER or not frames[name].is_empty()
        }
    files |= {f"terms/{sha256}.toml": text.encode() for sha256, text in terms.items()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = Manifest(calltime_bundle=FORMAT, run=run, files=digests).model_dump_json(indent=2)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in [(MANIFEST, manifest.encode()), *sorted(files.items())]:
            # Without a date of its own, and as made on no system in particular: the bytes are those of the content.
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()


def unpack(data: bytes) -> Bundle:
    """Read a bundle. Raises NotABundle when it is none; what was altered in it is told, and read all the same."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise NotABundle(f"it cannot be unpacked ({error}). Ask for it again: it was damaged on the way, or is no bundle") from error
    manifest = _manifest(files.get(MANIFEST))
    settlements = [each.settlement for each in manifest.run.settlements]
    needed = [*TABLES, *(_place(settlement, name) for settlement in settlements for name in OF_SETTLEMENT if name not in LATER)]
    lacking = [name for name in needed if name not in files]
    if lacking:
        raise NotABundle(f"it has no {', '.join(lacking)}. Ask for it again: it is not whole")
    return Bundle(
        run=manifest.run,
        tables={name: _read(name, files[name], schema) for name, schema in TABLES.items()},
        told={
            settlement: {name: _told(files, _place(settlement, name), schema) for name, schema in OF_SETTLEMENT.items()}
            for settlement in settlements
        },
        terms={name[6:-5]: _text(name, content) for name, content in files.items() if name.startswith("terms/")},
        altered=tuple(_altered(manifest.files, files)),
    )


def _place(settlement: int, name: str) -> str:
    return f"settlements/{settlement}/{name}.csv"


def _told(files: Mapping[str, bytes], place: str, schema: pl.Schema) -> pl.DataFrame:
    """The table; empty where it is one of `LATER` and not there."""
    return _read(place, files[place], schema) if place in files else schema.to_frame()


def _manifest(content: bytes | None) -> Manifest:
    try:
        return Manifest.model_validate_json(content or b"")
    except ValidationError as error:
        wrong = error.errors()[0]
        place = ".".join(str(part) for part in wrong["loc"]) or "it"
        raise NotABundle(f"its {MANIFEST} is none of this version ({place}: {wrong['msg']}). Ask for it again") from error


def _altered(said: Mapping[str, str], files: Mapping[str, bytes]) -> Iterator[str]:
    for name in sorted((said.keys() | files.keys()) - {MANIFEST}):
        if name not in said:
            yield f"{name} is not named in the manifest: somebody added it."
        elif name not in files:
            yield f"{name} is named in the manifest and is not there: somebody removed it."
        elif hashlib.sha256(files[name]).hexdigest() != said[name]:
            yield f"{name} is not what the manifest says: it was changed after the bundle was made."


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise NotABundle(f"{name} is not UTF-8 text") from error


def _read(name: str, content: bytes, schema: pl.Schema) -> pl.DataFrame:
    raw = pl.Schema({column: pl.String() if isinstance(kind, pl.Datetime) else kind for column, kind in schema.items()})
    try:
        frame = pl.read_csv(io.BytesIO(content), schema=raw)
        return frame.with_columns(
            pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC")
            for column, kind in schema.items()
            if isinstance(kind, pl.Datetime)
        )
    except pl.exceptions.PolarsError as error:
        columns = ", ".join(schema.names())
        raise NotABundle(f"{name} does not have the columns {columns}, or a value that is none of theirs. Ask for it again") from error
