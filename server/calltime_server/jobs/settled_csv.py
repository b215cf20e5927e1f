"""How does a settlement look as CSV files?"""

from calltime_server.payment.settling import Settlement
from calltime_server.visits.written import as_csv

FILES = ("visits.csv", "lines.csv", "problems.csv")


def csv_files(settlement: Settlement) -> dict[str, bytes]:
    """The bytes of visits.csv, lines.csv and problems.csv: UTF-8, times in UTC as 2026-07-06T07:04:10Z, nothing for null."""
    frames = (settlement.visits, settlement.lines, settlement.problems)
    return {name: as_csv(frame) for name, frame in zip(FILES, frames, strict=True)}
