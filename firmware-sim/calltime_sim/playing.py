"""How is the day shown while it is played, and does it add up afterwards?"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from calltime_sim import rota
from calltime_sim.day import Touch
from calltime_sim.office import Office
from calltime_sim.town import Played, Town

RECEIPTS_WITHIN = 60.0


def play(town: Town, touches: Sequence[Touch], office: Office, *, seconds: float, console: Console) -> Played:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[says]}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("07:00", total=len(touches), says="")

        def tell(number: int, touch: Touch, played: Played) -> None:
            clock = f"{touch.at.astimezone(rota.DAY_BEGINS.tzinfo):%H:%M}"
            progress.update(task, completed=number, description=clock)
            if number % 20 == 0:
                says = f"{played.confirmed:,} taps confirmed, {town.waiting:,} on doors without a receipt"
                progress.update(task, says=says)
                if not console.is_terminal and number % 100 == 0:
                    console.print(f"{clock}  {says}")

        addresses = office.addresses()
        played = town.play(touches, addresses, seconds=seconds, before_touch=tell)
        progress.update(task, completed=len(touches), description="done", says=f"{played.confirmed:,} taps confirmed")
        town.wait_for_receipts(within=RECEIPTS_WITHIN, meanwhile=lambda n: progress.update(task, says=f"{n:,} records without a receipt"))
        progress.update(task, says=f"{played.confirmed:,} taps confirmed, a receipt for every one")
    return played


def add_up(office: Office, played: Played, *, folder: Path, day: date, console: Console) -> bool:
    """Settle, and hold what came out against what went in."""
    actuals, statement = folder / "actuals.csv", folder / "statement.txt"
    said = office.ask("settle", "--day", day.isoformat(), "--actuals", str(actuals), "--statement", str(statement))
    console.print(f"\n[bold]Payment actuals of {day:%-d %B %Y}[/bold]\n{said}", highlight=False)
    for sample in _samples(statement):
        console.print(sample, highlight=False, markup=False)
    counts = office.counts()
    with actuals.open(encoding="utf-8", newline="") as file:
        outcomes = Counter(row["outcome"] for row in csv.DictReader(file))
    lines, asked = outcomes.total(), sum(len(calls) for calls in rota.read_rota(rota.SOLUTION, day=day).values())
    checks = {
        f"{played.confirmed:,} taps were confirmed at doors, {counts.taps:,} are in the record": played.confirmed == counts.taps,
        f"{asked} carer visits were asked for, {lines} are paid, parked or refused": lines == asked
        and set(outcomes) <= {"pay", "park", "refuse"},
        f"{counts.quarantined} messages are in quarantine": counts.quarantined == 0,
    }
    for says, holds in checks.items():
        console.print(f"[green]✓[/green] {says}" if holds else f"[red]✗ {says}[/red]", highlight=False)
    console.print(f"\n  {actuals}\n  {statement}   every line with its explanation", highlight=False)
    return all(checks.values())


def _samples(statement: Path) -> Iterator[str]:
    """Pick one paid, one parked and one refused line, to show what a line looks like."""
    text = statement.read_text(encoding="utf-8").splitlines()
    for mark in ("£", "parked", "refused"):
        found = next((n for n, line in enumerate(text[:-1]) if mark in line[-14:] and text[n + 1].startswith("    ")), None)
        if found is not None:
            yield "\n".join([text[found], text[found + 1], ""])
