"""`calltime verify BUNDLE`: does this run come to what it says? Needs neither database nor server, and nobody's word."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from calltime_server.jobs.bundle.layout import NotABundle, Run, unpack
from calltime_server.jobs.bundle.verify import Check, verify

SHOWN = 10


def main() -> None:
    """Read the command and obey. Exit status 0: all holds; 1: something does not; 2: this is no bundle."""
    arguments = _parser().parse_args()
    try:
        bundle = unpack(arguments.bundle.read_bytes())
    except OSError as error:
        _refuse(f"{arguments.bundle} cannot be read: {error.strerror}. Check its name and who may read it.")
    except NotABundle as error:
        _refuse(f"{arguments.bundle}: {error}.")
    checks = verify(bundle, progress=_progress if sys.stderr.isatty() else lambda *_: None)
    if arguments.json:
        answer = [{"check": each.name, "holds": each.holds, "says": each.says, "wrong": each.wrong} for each in checks]
        sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
    else:
        _tell(bundle.run, checks, most=None if arguments.all else SHOWN)
    sys.exit(0 if all(each.holds for each in checks) else 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calltime", description="Check what an office of Calltime has paid.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    says = "work a payment run out again from its bundle: signatures, chain, receipts, pairing, matching and every sum"
    verifying = commands.add_parser(
        "verify", help=says, description=says[0].upper() + says[1:] + ". Exit status 1: something does not hold."
    )
    verifying.add_argument("bundle", type=Path, help="as made by: calltime-server export-bundle RUN")
    verifying.add_argument("--all", action="store_true", help=f"tell everything that does not hold, not {SHOWN} of each kind")
    verifying.add_argument("--json", action="store_true", help="for programs")
    return parser


def _tell(run: Run, checks: tuple[Check, ...], *, most: int | None) -> None:
    sys.stdout.write(f"Run {run.run}: {run.first_day:%-d %B %Y} to {run.last_day:%-d %B %Y}\n\n")
    width = max(len(each.name) for each in checks)
    for each in checks:
        sys.stdout.write(
            f"  {'holds ' if each.holds else 'FAILED'}  {each.name.ljust(width)}  {each.says if each.holds else _count(each)}\n"
        )
        for wrong in each.wrong[:most]:
            sys.stdout.write(f"          {' ' * width}  - {wrong}\n")
        if most is not None and len(each.wrong) > most:
            sys.stdout.write(f"          {' ' * width}  … and {len(each.wrong) - most:,} more: --all shows them.\n")
    failed = sum(not each.holds for each in checks)
    sys.stdout.write(
        "\nEverything holds.\n"
        if not failed
        else f"\n{failed} of {len(checks)} checks failed. Do not pay on this bundle; ask who made it.\n"
    )


def _count(check: Check) -> str:
    return f"{len(check.wrong):,} thing{'s do' if len(check.wrong) != 1 else ' does'} not hold:"


def _progress(done: int, of: int) -> None:
    sys.stderr.write(f"\rchecking signatures: {done:,} of {of:,}" + ("\n" if done == of else ""))


def _refuse(says: str) -> None:
    sys.stderr.write(f"calltime: {says}\n")
    sys.exit(2)


if __name__ == "__main__":
    main()
