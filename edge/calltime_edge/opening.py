"""Can the outbox that this door finds at its start be trusted? If not: what is left is saved, and the old file is set aside and kept."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from calltime_edge import high_mark, outbox_file
from calltime_edge.door_key import sync_folder
from calltime_edge.outbox import Outbox, OutboxDamaged
from calltime_edge.rebuilding import Rebuilt, rebuild
from calltime_edge.salvage import Found, find
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier

log = logging.getLogger(__name__)

_PARTS = ("", "-wal", "-shm", "-journal")
"""SQLite keeps a database in files whose names end so. The log comes before the index of it, which holds nothing of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An outbox to go on with. `lost`: ranges of numbers that are gone, for the boot record; `set_aside`: the damaged file."""

    outbox: Outbox
    lost: tuple[tuple[int, int], ...]
    set_aside: Path | None


def open_outbox(path: Path, signer: Ed25519Signer, *, now: datetime) -> Opened:
    """Open the outbox, or make it; after a loss, save what is left and tell the operator.

    To open takes milliseconds. To save what is left takes, on a PC, a second for every 4,000 records. Nothing may write meanwhile.
    Raises sqlite3.Error or OSError when the disk cannot be used.
    """
    again = outbox_file.suspicion(path).exists() or _is_empty(path)
    outbox, why = _try(path, signer)
    set_aside = None
    if outbox is None or why is not None:
        log.error("the outbox %s is damaged (%s); saving what is left of it", path, why)
        found = _all_found(path, signer, again=again)
        rebuilt, set_aside = _save(path, signer, found, before=outbox, stamp=now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
        outbox = Outbox(path)
        _tell(rebuilt, outbox.missing(), set_aside)
    return Opened(outbox=outbox, lost=outbox.missing(), set_aside=set_aside)


def _try(path: Path, signer: Ed25519Signer) -> tuple[Outbox | None, str | None]:
    """Open and examine. Gives why the file cannot be trusted, and then the outbox only if it must stay open until it is set aside."""
    why = _broken_outside(path)
    if why is not None:
        return None, why
    outbox = None
    try:
        _write_again(path.with_name(path.name + "-wal"))
        outbox = Outbox(path)
        outbox.examine(Ed25519Verifier(signer.public_key))
        _roll_forward(outbox, path, signer)
        _skip_what_was_set_back(outbox, path)
    except OutboxDamaged as error:
        return outbox, str(error)
    return outbox, None


def _broken_outside(path: Path) -> str | None:
    """See what must be seen before SQLite opens the file: of a log without its database it makes an empty outbox."""
    log_file, mark = path.with_name(path.name + "-wal"), high_mark.path_beside(path)
    if outbox_file.suspicion(path).exists():
        return "it was found damaged while the door was running"
    if _is_empty(path) and log_file.exists() and log_file.stat().st_size > 0:
        return "its log is there and the file itself is gone"
    if _is_empty(path) and (mark.exists() or any(_set_aside_before(path))):
        return "the file is gone"
    return None


def _write_again(log_file: Path) -> None:
    """Write the log file over itself and sync it.

    After a sync that failed, Linux still shows what was written and takes it for synced. A door that built upon that would lose all it
    built in the next power cut. What the log holds is all that can be so; SQLite writes the rest from it.
    Raises OutboxDamaged where the disk cannot read it: what is legible of it can be saved. Raises OSError when it cannot be written.
    """
    if not log_file.exists():
        return
    with log_file.open("r+b", buffering=0) as file:
        at = 0
        while block := _read(file, log_file):
            file.seek(at)
            at += file.write(block)
            file.seek(at)
        os.fsync(file.fileno())


def _read(file: FileIO, path: Path) -> bytes | None:
    try:
        return file.read(2**20)
    except OSError as error:
        raise OutboxDamaged(f"{path} cannot be read: {error}") from error


def _is_empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def _roll_forward(outbox: Outbox, path: Path, signer: Ed25519Signer) -> None:
    """Keep the record that stands whole in the log file behind the newest one.

    SQLite reads its log up to the first thing that is wrong. After a power cut that is the end of it, where at most one record lies, of
    which nobody was told. More than one shows that the log is damaged: they were promised. Raises OutboxDamaged.
    """
    log_file = path.with_name(path.name + "-wal")
    if not log_file.exists():
        return
    newest, verifier = outbox.newest(), Ed25519Verifier(signer.public_key)
    beyond = {each.seq: each for each in find(log_file, signer) if each.seq > newest and each.is_signed_by(verifier)}
    if not beyond:
        return
    if beyond.keys() != {newest + 1}:
        raise OutboxDamaged(f"it ends with record {newest}, and its log holds record {max(beyond)}")
    outbox.adopt(beyond[newest + 1].compact)
    log.info("record %d was written, and nobody was told, when the power went; it is kept", newest + 1)


def _skip_what_was_set_back(outbox: Outbox, path: Path) -> None:
    """Leave out the numbers that were used since a copy was made, if this file is an old copy that somebody put back."""
    mark = high_mark.read(high_mark.path_beside(path))
    newest = outbox.newest()
    if newest + high_mark.RESERVED_AT_ONCE < mark:
        outbox.give_up(mark)
        log.error(
            "the outbox %s ends with record %d, and numbers up to %d may have been used: an old copy was put back. The records between "
            "are declared lost, and the door goes on behind them. If you have the newer file, keep it for the office.",
            path,
            newest,
            mark,
        )


def _save(path: Path, signer: Ed25519Signer, found: Iterator[Found], *, before: Outbox | None, stamp: str) -> tuple[Rebuilt, Path | None]:
    """Rebuild beside the damaged file, then put the one in the place of the other. A power cut at any moment: it is done again.

    The suspicion is noted first and lifted last. As long as it stands, files that were set aside are searched as well.
    """
    outbox_file.suspect(path, "what is left of it is being saved")
    draft = path.with_suffix(".salvage")
    for part in _PARTS:
        draft.with_name(draft.name + part).unlink(missing_ok=True)
    used = high_mark.read(high_mark.path_beside(path))
    rebuilt = rebuild(draft, found, Ed25519Verifier(signer.public_key), used=used)
    set_aside = _set_aside(path, stamp)
    if before is not None:
        before.close()  # only now: closing, SQLite would delete the log by its name
    draft.replace(path)
    sync_folder(path.parent)
    outbox_file.suspicion(path).unlink(missing_ok=True)
    sync_folder(path.parent)
    return rebuilt, set_aside


def _all_found(path: Path, signer: Ed25519Signer, *, again: bool) -> Iterator[Found]:
    files = [path.with_name(path.name + part) for part in _PARTS if part != "-shm"]
    for file in [*files, *(_set_aside_before(path) if again else ())]:
        if file.exists():
            yield from find(file, signer)


def _set_aside_before(path: Path) -> Iterator[Path]:
    return path.parent.glob(f"{path.stem}.damaged-*")


def _set_aside(path: Path, stamp: str) -> Path | None:
    """Give the damaged files another name; one that no earlier damage has, for the clock may be wrong."""
    taken = {each.name for each in _set_aside_before(path)}
    names = (f"{path.stem}.damaged-{stamp}{nth}{path.suffix}" for nth in ("", *(f"-{count}" for count in range(2, len(taken) + 3))))
    name = next(each for each in names if not any(other.startswith(each) for other in taken))
    moved = [part for part in _PARTS if path.with_name(path.name + part).exists()]
    for part in moved:
        path.with_name(path.name + part).replace(path.with_name(name + part))
    sync_folder(path.parent)
    return path.with_name(name) if moved else None


def _tell(rebuilt: Rebuilt, lost: tuple[tuple[int, int], ...], set_aside: Path | None) -> None:
    ranges = ", ".join(f"{first} to {last}" for first, last in lost[-10:])
    more = f" and {len(lost) - 10} ranges below" if len(lost) > 10 else ""
    log.error(
        "%d records were saved, the newest is number %d. Gone, or sent long ago: numbers %s%s. The next record of this door says so to the "
        "office. What next: compare with the office which visits are missing, ask the carers for them, and replace the memory card. %s",
        rebuilt.records,
        rebuilt.newest,
        ranges,
        more,
        f"The damaged file is kept as {set_aside}." if set_aside else "There is no damaged file: it was deleted.",
    )
