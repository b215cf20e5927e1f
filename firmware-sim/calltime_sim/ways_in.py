"""How does a newcomer come into the office of the demo? By links that sign in once, and by commands that can be copied as they stand."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from calltime_sim.office import Office
from calltime_sim.services.programs import program

PROVIDER = "provider-west"
"""One of the two that the import gives the published rota."""
PEOPLE = (
    ("officer", "Council officer", "sees all providers, and prepares the payment run"),
    ("approver", "Approver", "approves it: never the same person"),
    ("provider", "Coordinator", "sees one provider's visits, and mends them"),
    ("auditor", "Auditor", "sees all, changes nothing, and reads who looked at whom"),
    ("administrator", "Administrator", "keeps accounts, and sees nobody's visits"),
)
"""Who comes in: role, name, and what for."""


def make_accounts(office: Office) -> None:
    """Make an account for each."""
    for role, name, _ in PEOPLE:
        whose = ["--provider", PROVIDER] if role == "provider" else []
        office.ask("person", "add", "--name", f"Demo {name}", "--email", _email(role), "--role", role, *whose)


def links(office: Office, url: str) -> Iterator[tuple[str, str]]:
    """For each of them who it is and what for, and a link that signs in once, within 15 minutes."""
    for role, name, says in PEOPLE:
        yield f"{name}: {says}", office.sign_in_link(_email(role), url)


def settings(office: Office) -> Iterator[str]:
    """What a terminal must be told before the commands."""
    for name in ("CALLTIME_DATABASE", "CALLTIME_BROKER"):
        yield f"export {name}={shlex.quote(office.environment[name])}"


def command_for_a_link(url: str) -> str:
    """What prints another link for the council officer."""
    return f"{typed('calltime-server')} person link {_email('officer')} --straight-in --address {url}"


def typed(name: str) -> str:
    """How one of our programs is called from the folder in which the demo was."""
    found = Path(program(name))
    inside = found.is_absolute() and found.is_relative_to(Path.cwd())
    return shlex.quote(os.path.relpath(found) if inside else str(found))


def _email(role: str) -> str:
    return f"{role}@demo.example"
