"""Which kinds of file cannot be made of a run yet, and what do they lack?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from calltime_server.jobs.asked_files import finance_settings
from calltime_server.jobs.working import WorkRefused
from calltime_server.store.connection import Connection
from calltime_server.store.providers import read_providers
from calltime_server.store.run_figures import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What an invoice needs and nobody has told: the council's own address, and those of `providers`."""

    council: bool
    providers: tuple[str, ...]


def lacking(connection: Connection, figures: Sequence[Figure], finance: Path | None) -> Mapping[str, Lack]:
    """By the kind of file, as `handing_over.FORMATS` names it. Only invoices need more than everybody has."""
    try:
        council = finance_settings(finance).council
    except WorkRefused:
        return {}  # whoever asks for files is told what is wrong with the settings
    known = set(read_providers(connection)["provider"])
    providers = sorted({each.provider for each in figures if each.pence} - known)
    return {"ubl": Lack(council=council is None, providers=tuple(providers))} if council is None or providers else {}
