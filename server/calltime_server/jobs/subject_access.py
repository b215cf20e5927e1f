"""What does a person get who asks for everything that is held about them? A ZIP of tables, and a page that says what they are."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from calltime_server.jobs.working import Done, File, Task, WorkRefused
from calltime_server.store.connection import Connection
from calltime_server.store.subject_access import Held, Kind, read_held
from calltime_server.visits.written import plain_cell, written_time

LEFT_OUT = """\
Left out, because it would tell of others:
- which carers came (in what a service user gets), and whom a carer visited (in what a carer gets): neither names nor references;
- names of people who looked at these records, entered something or decided something: their role stands instead;
- the sentences by which payment is explained, which name devices of others; the reasons stand in the tables;
- problems that were shown to a provider for mending: each is made of the taps and visits that are here.

The signed records (column jws) are as they came from the door: a device and a tag stand in them by random numbers, and no names.
What was older than the council keeps it was removed before, and cannot be told.
"""


def subject_access(task: Task) -> Done:
    """Asked: `kind` ("service_user" or "carer") and `who`, a reference."""
    kind, who = str(task.asked["kind"]), str(task.asked["who"])
    if kind not in ("service_user", "carer"):
        raise WorkRefused("Nothing was gathered: it is for a service user or for a carer. Choose one of the two.")
    task.tell(0, None, "Gathering everything that is held.")
    content, rows = gather(task.connection, kind, who, now=task.now)  # type: ignore[arg-type] # asked just above
    if not rows:
        raise WorkRefused("Nothing is held under this reference. Check how it stands in the plan, or under Carers.")
    return Done(says=f"{rows:,} records, each kind in a table of its own; the page in it says what they are.", files=(_file(content),))


def _file(content: bytes) -> File:
    # Without the reference in its name: it may be left in a folder of downloads.
    return File(name="subject-access.zip", media="application/zip", content=content)


def gather(connection: Connection, kind: Kind, who: str, *, now: datetime) -> tuple[bytes, int]:
    """The ZIP, and how many records are in it: 0, if nothing is held but that somebody asked for it."""
    held = read_held(connection, kind, who.replace("\0", ""), now=now)
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(_named("README.txt", now), _readme(held, kind, who, now=now))
        for each in held:
            archive.writestr(_named(f"{each.name}.csv", now), _csv(each))
    return packed.getvalue(), sum(len(each.rows) for each in held) if any(_is_more(each) for each in held) else 0


def _is_more(held: Held) -> bool:
    """Whether there is more than notes of such exports: each is noted before it is made, under whatever reference was typed."""
    if held.name != "audit":
        return bool(held.rows)
    did = held.columns.index("did")
    return any("subject-access" not in row[did] for row in held.rows)


def _named(name: str, now: datetime) -> ZipInfo:
    return ZipInfo(name, date_time=now.timetuple()[:6])


def _readme(held: tuple[Held, ...], kind: Kind, who: str, *, now: datetime) -> str:
    whose = "service user" if kind == "service_user" else "carer"
    tables = "\n".join(f"{each.name}.csv ({len(each.rows):,} records): {each.says}" for each in held)
    return (
        f"What Calltime holds about {whose} {who}, gathered on {now:%-d %B %Y}.\n\n"
        "Each table opens in any spreadsheet program. Times are in UTC, money in pence, lengths in what their columns say.\n\n"
        f"{tables}\n\n{LEFT_OUT}"
    )


def _csv(held: Held) -> str:
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(held.columns)
    lines.writerows([[_plain(value) for value in row] for row in held.rows])
    return written.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return written_time(value)
    return plain_cell(value)
