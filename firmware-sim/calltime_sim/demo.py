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

from calltime_sim import rota, ways_in
from calltime_sim.arranging import arrange
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
    refuse_the_future(live(rota.read_rota(rota.SOLUTION, day=DAY), seed=SEED)[-1].at, now=datetime.now(UTC))
    need_port(Server.host, wish.port)  # before the folder is emptied: a demo that still runs may be standing in it
    _empty(wish.folder)
    console.print("[bold]Calltime[/bold]: one day of home care, from tap to pound. Everything stays on this machine.")
    with House(wish.folder, port=wish.port, embedded_broker=wish.broker == "embedded") as house:
        console.print(f"  database  {house.database.name} {house.database.version()}, broker {house.broker.name}, both on loopback")
        console.print(f"  period    {arrange(house.office, DAY, now=datetime.now(UTC))}", highlight=False)
        _tell_way_in(house, wish, console)
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
    refuse_the_future(touches[-1].at, now=datetime.now(UTC))
    console.print(f"  plan      {DAY:%A %-d %B %Y}: {office.import_rota(DAY)}", highlight=False)
    office.note_carers(DAY, folder=folder)
    town = Town(codes=office.codes(list(calls)), server=server, folder=folder / "doors", begins=touches[0].at, seed=SEED)
    console.print(
        f"  doors     {len(town.doors)} enrolled by one-time code; one reads NFC through nfcpy's driver, one QR through pyserial\n"
    )
    with town:
        played = play(town, touches, office, seconds=seconds, console=console)
    return 0 if add_up(office, played, folder=folder, day=DAY, console=console) else 1


def refuse_the_future(last: datetime, *, now: datetime) -> None:
    """Raise TownTrouble, which says what to do, where the day that is played is not over by this machine's clock."""
    if now < last:
        raise TownTrouble(
            f"The clock of this machine shows {now:%H:%M on %-d %B %Y} (UTC), and the demo plays {DAY:%-d %B %Y}, which is not over then: "
            "no tap is taken from the future. If the clock is wrong, set it; if it is right, run the demo from the day after on."
        )


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _tell_way_in(house: House, wish: Wish, console: Console) -> None:
    """Make accounts and print links, where the pages will still be there when the day is over."""
    if wish.once:
        return
    ways_in.make_accounts(house.office)
    lasts = f"about {wish.seconds:.0f} seconds" if wish.seconds else "as long as the doors need"
    console.print(f"  look      in a browser, now or later: the day takes {lasts}, and the pages stay until Ctrl-C.", highlight=False)
    console.print("            Each link signs in once, within 15 minutes; new ones are printed at the end:")
    _print_links(house, console)


def _print_links(house: House, console: Console) -> None:
    for says, link in ways_in.links(house.office, house.server.url):
        console.print(f"    {says}", highlight=False)
        console.print(f"    {link}", highlight=False, soft_wrap=True)


def _stay(house: House, console: Console) -> None:
    """Serve until somebody has seen enough."""
    url = house.server.url
    console.print("\nWays in, good once, for 15 minutes from now:")
    _print_links(house, console)
    console.print(f"Then the visit log:  [bold]{url}/visits?day={DAY}[/bold]")
    console.print(f"and the actuals:     [bold]{url}/actuals?day={DAY}[/bold]")
    console.print(f"(“Today” is empty: the day that was played is {DAY:%-d %B %Y}.)", highlight=False)
    _tell_of_phones(house, console)
    told = (
        "\nA link is over, or a door of your own to try? In another terminal, in this folder:",
        *(f"  {line}" for line in ways_in.settings(house.office)),
        f"  {ways_in.command_for_a_link(url)}",
        f"  {ways_in.typed('calltime-server')} enrol --carer me     # prints a code",
        f"  {ways_in.typed('calltime-edge')} --folder my-door enrol CODE --server {url}",
    )
    for line in told:
        console.print(line, highlight=False, markup=False, soft_wrap=True)
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
