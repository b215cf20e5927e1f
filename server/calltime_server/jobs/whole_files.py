"""How do files come into a folder? All of them, or none."""

from __future__ import annotations

from collections.abc import Mapping
from errno import EISDIR
from pathlib import Path
from tempfile import TemporaryDirectory

from calltime_server.faults import Fault


def put_into(folder: Path, files: Mapping[str, bytes]) -> Fault | None:
    """They are whole in a folder beside before the first takes its place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".writing-", dir=folder) as made:
            for name, content in files.items():
                Path(made).joinpath(name).write_bytes(content)
                if folder.joinpath(name).is_dir():
                    raise IsADirectoryError(EISDIR, f"{name} is a folder there")
            for name in files:
                Path(made).joinpath(name).replace(folder.joinpath(name))
    except OSError as error:
        says = f"Nothing can be written here: {error.strerror}. Name another folder with --out, or make room in this one."
        return Fault(line=None, column=None, says=says)
    return None
