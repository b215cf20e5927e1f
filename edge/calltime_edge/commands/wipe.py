"""How does a door forget for whom it stood, before it changes hands or is scrapped? `calltime-edge wipe`."""

from __future__ import annotations

import sys
from pathlib import Path

from calltime_edge import door_key, door_lock
from calltime_edge.commands import exits
from calltime_edge.door_key import LostDoorKey, UnreadableDoorKey, sync_folder
from calltime_edge.outbox_looking import only_here
from calltime_edge.settings import Settings
from calltime_edge.speaking import refuse, say

IN_THIS_ORDER = ("enrolment.json*", "state.*", "outbox.[!m]*", "outbox-*", "telephone.*", "door.key*", "outbox.mark*", "door.lock")
"""Wherever the power goes, what is left can be wiped again. Never records without their key, and never a key without the mark: a door that
is enrolled again with its old key would use its old numbers again."""
WORD = "lose them"


def wipe(settings: Settings, *, even_unsent: bool) -> int:
    """Delete key, enrolment and records; refuse while the door runs, and while it holds what the office has not."""
    folder = settings.folder
    if not any((folder / name).exists() for name in ("door.key", "outbox.sqlite", "outbox.mark")):
        say(f"There is nothing to wipe in {folder}.")
        return exits.WELL
    alone = door_lock.hold(folder)
    if alone is None:
        refuse("the door runs. Stop it first: sudo systemctl disable --now calltime-edge")
        return exits.NOT_DONE
    with alone:
        unsent = only_here(folder)
        if unsent and not even_unsent:
            refuse(
                f"{unsent} the office has not, so nothing was wiped. Connect the door, start it, and wait until "
                "calltime-edge status says that nothing waits; give a damaged memory to the office. If they must be lost: "
                "calltime-edge wipe --even-unsent"
            )
            return exits.NOT_DONE
        if unsent and not _means_it(unsent):
            refuse("nothing was wiped.")
            return exits.NOT_DONE
        device = _device(folder)
        _delete(folder)
    say(f"Wiped: {device} is no more. Next, at the office: calltime-server revoke {device}")
    say(
        "A flash card keeps what was deleted until it is written over, where nobody can reach it but a laboratory. If that is too much, "
        "put in a new card and destroy this one, or from another machine: blkdiscard --secure (where the card can), else blkdiscard."
    )
    return exits.WELL


def _means_it(unsent: str) -> bool:
    say(f"{unsent[0].upper()}{unsent[1:]} will be lost for ever, and with them what carers were told is safe.")
    say(f"Type these words to go on: {WORD}")
    return sys.stdin.readline().strip() == WORD


def _device(folder: Path) -> str:
    if not (folder / "door.key").exists():  # else one would be made
        return "the door whose key was lost"
    try:
        return door_key.load_or_make(folder).device
    except (LostDoorKey, UnreadableDoorKey):
        return "the door whose key was lost"


def _delete(folder: Path) -> None:
    for pattern in IN_THIS_ORDER:
        for path in folder.glob(pattern):
            path.unlink()
        sync_folder(folder)
