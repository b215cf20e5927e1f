"""What do we ask of the office before a day and after it? By its own commands, as an administrator would."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from calltime_sim import rota
from calltime_sim.services.programs import ask_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the record holds."""

    taps: int
    doors: int
    quarantined: int


class Office:
    """calltime-server, with its settings."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is what the commands need beyond ours."""
        self.environment = dict(environment)

    def ask(self, *words: str) -> str:
        """Run a command of calltime-server."""
        return ask_server(words, self.environment)

    def import_rota(self, day: date) -> str:
        """Bring the published rota in as the plan of this day, and return what the command said."""
        return self.ask("import-plan", "--hhcrsp", str(rota.INSTANCE), str(rota.SOLUTION), "--day", day.isoformat()).strip()

    def note_carers(self, day: date, *, folder: Path) -> str:
        """Note whom the carers of the published rota work for from this day on, by a file in `folder`, and return what the command said."""
        file = folder / "carers.csv"
        rows = [f"{carer},{provider},{day.isoformat()}" for carer, provider in sorted(rota.carers_of_one_half().items())]
        file.write_text("\n".join(["carer,provider,since", *rows, ""]), encoding="utf-8")
        return self.ask("import-carers", str(file), "--by", "the council").strip()

    def addresses(self) -> dict[str, str]:
        """Ask for a tag for every home: service user → the address on it."""
        return {row["service_user"]: row["address"] for row in _rows(self.ask("tags", "--csv"))}

    def codes(self, carers: Sequence[str]) -> Mapping[str, str]:
        """Ask for one-time codes: carer → code."""
        words = [word for carer in carers for word in ("--carer", carer)]
        return {row["carer"]: row["code"] for row in _rows(self.ask("enrol", "--csv", *words))}

    def sign_in_link(self, email: str, address: str) -> str:
        """Ask for a link that signs this person in once, without a second step. `address`: how a browser here reaches the office."""
        return self.ask("person", "link", email, "--straight-in", "--address", address).strip()

    def counts(self) -> Counts:
        """Ask what the record holds."""
        row = _rows(self.ask("status", "--csv"))[0]
        return Counts(taps=int(row["taps"]), doors=int(row["doors"]), quarantined=int(row["quarantined"]))


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))
