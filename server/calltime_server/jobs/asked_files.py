"""What files of a run did somebody ask for? Those for a finance system, or the bundle with which others work it out again."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from calltime_server.faults import Fault
from calltime_server.jobs.bundle.export import NotToBeBundled, export_bundle
from calltime_server.jobs.finance.from_ledger import paid_run, written
from calltime_server.jobs.finance.handing_over import FORMATS, finance_files
from calltime_server.jobs.finance.run import FinanceFile
from calltime_server.jobs.finance.settings import FinanceSettings, read_settings
from calltime_server.jobs.statement import pounds
from calltime_server.jobs.working import Done, File, Task, WorkRefused
from calltime_server.store.accounts import read_account
from calltime_server.store.handed_over import read_facts
from calltime_server.store.ledger import lock
from calltime_server.store.run_steps import note_export
from calltime_server.store.runs import RunRefused

SINGLY = 8
"""So many files are handed out one by one; more in one archive."""
MEDIA = {
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def export(task: Task) -> Done:
    """Asked: `run` and `formats` (keys of FORMATS). Before its approval the files are named draft-…, and nothing is noted."""
    run, formats = int(task.asked["run"]), [str(name) for name in task.asked["formats"]]
    if not formats or set(formats) - set(FORMATS):
        raise WorkRefused(f"No files were made: choose some of these formats: {', '.join(FORMATS)}.")
    task.tell(0, None, f"Making the files of run {run}.")
    lock(task.connection)
    facts = read_facts(task.connection, run)
    if facts is None:
        raise WorkRefused(f"There is no run {run}. See which there are under Periods and runs.")
    made = finance_files(paid_run(task.connection, facts), dict.fromkeys(formats), finance_settings(task.council.finance))
    faults = [each for each in made if isinstance(each, Fault)]
    if faults:
        raise WorkRefused("\n".join(("No files were made, because something is missing:", *(fault.says for fault in faults))))
    files = [each for each in made if isinstance(each, FinanceFile)]
    if not facts.approved:
        files = [dataclasses.replace(file, name=f"draft-{file.name}") for file in files]
    elif facts.state == "approved":
        account = read_account(task.connection, task.person)
        by = f"{task.by_name} ({account.role.value})" if account else task.by_name
        note_export(task.connection, run, why=written([file.name for file in files]), by=by, person=task.person, now=task.now)
    sums = "; ".join(f"{file.name}: {file.rows:,} rows, {pounds(file.pence)}" for file in files[:SINGLY])
    only = "" if facts.approved else " The run is not approved, so they are only to look at: nothing is to be paid by them."
    return Done(says=f"{sums}{' and others' if len(files) > SINGLY else ''}.{only}", files=tuple(_handed_out(files, f"run-{run}")))


def bundle(task: Task) -> Done:
    """Asked: `run`."""
    run = int(task.asked["run"])
    task.tell(0, None, f"Packing run {run} with all that it rests on.")
    try:
        data = export_bundle(task.connection, run)
    except (RunRefused, NotToBeBundled) as error:
        raise WorkRefused(f"{str(error).rstrip('.')}.") from error
    return Done(
        says="Whoever has this file can check it without this office: calltime verify FILE. It names service users and carers by their "
        "references: hand it on as you would the statement itself.",
        files=(File(name=f"run-{run}.calltime.zip", media="application/zip", content=data),),
    )


def _handed_out(files: list[FinanceFile], name: str) -> Iterable[File]:
    if len(files) <= SINGLY:
        for file in files:
            yield File(name=file.name, media=MEDIA.get(Path(file.name).suffix, "application/octet-stream"), content=file.content)
        return
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for file in files:
            archive.writestr(ZipInfo(file.name), file.content, ZIP_DEFLATED)
    yield File(name=f"{name}.zip", media="application/zip", content=packed.getvalue())


def finance_settings(file: Path | None) -> FinanceSettings:
    """The council's own, or the usual ones. Raises WorkRefused."""
    if file is None:
        return FinanceSettings()
    try:
        settings = read_settings(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WorkRefused(f"No files were made: the finance settings cannot be read. Tell whoever runs the server: {error}") from error
    if isinstance(settings, tuple):
        wrong = (f"{fault.column}: {fault.says}" if fault.column else fault.says for fault in settings)
        says = "No files were made: the finance settings cannot be used. Tell whoever runs the server what is wrong in them:"
        raise WorkRefused("\n".join((says, *wrong)))
    return settings
