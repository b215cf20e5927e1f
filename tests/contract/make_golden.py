"""Which files are the golden messages? Run it to write them anew: `PYTHONPATH=tests .venv/bin/python -m contract.make_golden`.

The same bytes come out each time; a file that differs afterwards is a change of the contract.
"""

from __future__ import annotations

import json
from pathlib import Path

from contract import golden_answers, golden_bad, golden_good, golden_sequences
from contract.golden_records import Fields

FOLDER = Path(__file__).parents[2] / "gateway/calltime_wire/examples/v1"


ROOMS = {
    "good": golden_good.messages,
    "bad": golden_bad.messages,
    "sequences": golden_sequences.sequences,
    "receipts/good": golden_answers.good_receipts,
    "receipts/bad": golden_answers.bad_receipts,
    "settings/good": golden_answers.good_settings,
    "settings/bad": golden_answers.bad_settings,
    "status/good": golden_answers.good_statuses,
    "status/bad": golden_answers.bad_statuses,
}


def contents(room: str) -> list[Fields]:
    """Make the contents of all files of a room."""
    return [content for _, content in ROOMS[room]()]


def files() -> dict[str, bytes]:
    """Make every file, by its path inside the folder."""
    return {f"{room}/{name}.json": _json(content) for room, named in ROOMS.items() for name, content in named()}


def write() -> None:
    """Write the folder; what does not belong there any more is removed."""
    wanted = files()
    for path in FOLDER.rglob("*.json"):
        if str(path.relative_to(FOLDER)) not in wanted:
            path.unlink()
    for name, content in wanted.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_bytes(content)


def _json(content: Fields) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode("ascii")


if __name__ == "__main__":
    write()
