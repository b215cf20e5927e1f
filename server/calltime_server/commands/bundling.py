"""The command that hands out a run, so that others can work it out again."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.words import Refusal, say
from calltime_server.config import Config
from calltime_server.jobs.bundle.export import NotToBeBundled, export_bundle
from calltime_server.store.connection import connect
from calltime_server.store.runs import RunRefused


def add_to(command: AddCommand) -> None:
    """Make the parser."""
    bundle = command("export-bundle", export, "write a run with all that it rests on, for: calltime verify BUNDLE")
    bundle.add_argument("run", type=int, help="as in: calltime-server run list")
    bundle.add_argument("--out", type=Path, metavar="FILE", help="where to (run-RUN.calltime.zip)")


def export(config: Config, arguments: Namespace) -> None:
    """Write the bundle of a run."""
    out: Path = arguments.out or Path(f"run-{arguments.run}.calltime.zip")
    try:
        with connect(config.database) as connection:
            data = export_bundle(connection, arguments.run)
    except (RunRefused, NotToBeBundled) as error:
        raise Refusal(f"{str(error).rstrip('.')}.") from error
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}. Name another file with --out.") from error
    say(f"{out} ({len(data) // 1024:,} KiB). Whoever has it can check it, without this office: calltime verify {out}")
    say("It names service users and carers by their references: hand it on as you would the statement itself.")
