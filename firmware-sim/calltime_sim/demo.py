"""What does a newcomer see? One published day of care, from the tap to the pound, while it happens and added up at the end."""

from __future__ import annotations

import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

from rich.console import Console

from calltime_sim import rota
from calltime_sim.day import live
from calltime_sim.house import House
from calltime_sim.office import Office
from calltime_sim.playing import add_up, play
from calltime_sim.services.programs import Server, need_port
from calltime_sim.town import Town, TownTrouble

DAY = date(2026, 10, 5)
"""A Monday under the example terms; the published rota names no day."""
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the demo is wanted."""

    folder: Path
    once: bool
    seconds: float
    port: int
    broker: Literal["auto", "embedded"]


def run(wish: Wish, console: Console) -> int:
    """Run the demo; return the exit status: 0 when everything adds up. Raises ServiceTrouble."""
    need_port(Server.host, wish.port)  # before the folder is emptied: a demo that still runs may be standing in it
    _empty(wish.folder)
    console.print("[bold]Calltime[/bold]: one day of home care, from tap to pound. Everything stays on this machine.")
    with House(wish.folder, port=wish.port, embedded_broker=wish.broker == "embedded") as house:
        console.print(f"  database  {house.database.name} {house.database.version()}, broker {house.broker.name}, both on loopback")
        _tell_way_in(house, console)
        status = run_day(house.server.url, house.office, seconds=wish.seconds, folder=wish.folder, console=console)
        if not wish.once:
            _stay(house, console)
    return status


def run_town(server: str, office: Office, *, seconds: float, folder: Path, console: Console) -> int:
    """Play the day against a Calltime that runs elsewhere; return the exit status."""
    _empty(folder)
    return run_day(server, office, seconds=seconds, folder=folder, console=console)


def run_day(server: str, office: Office, *, seconds: float, folder: Path, console: Console) -> int:
    """Plan, enrol, play, settle, add up."""
    calls = rota.read_rota(rota.SOLUTION, day=DAY)
    touches = live(calls, seed=SEED)
    if datetime.now(UTC) < touches[-1].at:
        raise TownTrouble(f"The clock of this machine shows a day before {DAY:%-d %B %Y}, on which the demo plays. Set the clock.")
    console.print(f"  plan      {DAY:%A %-d %B %Y}: {office.import_rota(DAY)}", highlight=False)
    town = Town(codes=office.codes(list(calls)), server=server, folder=folder / "doors", begins=touches[0].at, seed=SEED)
    console.print(
        f"  doors     {len(town.doors)} enrolled by one-time code; one reads NFC through nfcpy's driver, one QR through pyserial\n"
    )
    with town:
        played = play(town, touches, office, seconds=seconds, console=console)
    return 0 if add_up(office, played, folder=folder, day=DAY, console=console) else 1


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


PROVIDER = "provider-west"
"""One of the two that the import gives the published rota."""
PEOPLE = (
    ("officer", "Council officer", "sees all providers, and prepares the payment run"),
    ("approver", "Approver", "approves it: never the same person"),
    ("provider", "Coordinator", "sees one provider's visits, and mends them"),
)
"""Who comes in: role, name, and what for."""


def _tell_way_in(house: House, console: Console) -> None:
    """Make three accounts, and print a link for each that signs in once."""
    for role, name, _ in PEOPLE:
        whose = ["--provider", PROVIDER] if role == "provider" else []
        house.office.ask("person", "add", "--name", f"Demo {name}", "--email", f"{role}@demo.example", "--role", role, *whose)
    console.print("  look      in a browser, while the day goes on; each link signs in once, within 15 minutes:")
    _print_links(house, console)


def _print_links(house: House, console: Console) -> None:
    for role, name, says in PEOPLE:
        console.print(f"    {name}: {says}", highlight=False)
        console.print(f"    {house.office.sign_in_link(f'{role}@demo.example', house.server.url)}", highlight=False, soft_wrap=True)


def _stay(house: House, console: Console) -> None:
    """Serve until somebody has seen enough."""
    console.print("\nWays in, good once, for 15 minutes from now:")
    _print_links(house, console)
    console.print(f"Then the visit log:  [bold]{house.server.url}/visits?day={DAY}[/bold]")
    console.print(f"and the actuals:     [bold]{house.server.url}/actuals?day={DAY}[/bold]")
    console.print("A link is over? With the settings below: calltime-server person link officer@demo.example", highlight=False)
    _tell_of_phones(house, console)
    console.print("\nTo try a door of your own, in another terminal:", highlight=False)
    for name in ("CALLTIME_DATABASE", "CALLTIME_BROKER"):
        console.print(f"  export {name}='{house.office.environment[name]}'", highlight=False)
    console.print("  calltime-server enrol --carer me     # prints a code", highlight=False)
    console.print(f"  calltime-edge --folder my-door enrol CODE --server {house.server.url}", highlight=False)
    console.print("Ctrl-C ends.")
    with _until_interrupted() as interrupted:
        interrupted.wait()


def _tell_of_phones(house: House, console: Console) -> None:
    """How this browser becomes a carer's phone: on loopback it needs no certificate."""
    if house.broker.ws_url is None:
        console.print(
            f"\nFor a phone install mosquitto: the embedded broker ({house.broker.name}) cannot be reached from a browser.", highlight=False
        )
        return
    console.print("\nTo make your browser a carer's phone, come in as the council officer, then:", highlight=False)
    console.print(f"  {house.server.url}/doors/new?kind=carer&reference=me", highlight=False, soft_wrap=True)
    console.print("  “Go on here”, below the QR code, leads into the app.", highlight=False)
    console.print(
        f"  {house.server.url}/doors/tags     # each tag there is one to tap: open it in the same browser", highlight=False, soft_wrap=True
    )


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    interrupted = threading.Event()
    earlier = [(number, signal.signal(number, lambda *_: interrupted.set())) for number in (signal.SIGINT, signal.SIGTERM)]
    yield interrupted
    for number, handler in earlier:
        signal.signal(number, handler)
