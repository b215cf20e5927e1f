"""Which values stand in a CSV file, and what is wrong with it in which line?

Every field is read and every fault reported, so that a person mends the file once. Lines are those of the file, also after quoted fields
that run over several lines.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calltime_server.faults import Fault

# From the text of a field to its value; a ValueError's sentence says what is wrong and what to write.
Reader = Callable[[str], Any]
Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Per row its line, and per column its values (None where one is faulty); and all faults, by line."""

    lines: tuple[int, ...]
    values: Mapping[str, tuple[Any, ...]]
    faults: tuple[Fault, ...]


def read_table(data: bytes, readers: Mapping[str, Reader]) -> Table:
    """The columns named by `readers`, which are all that may stand there, in any order. Space around a field does not count."""
    try:
        rows, broken = _rows(data)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return _nothing([Fault(line=line, column=None, says="This line is not UTF-8. Save the file as “CSV UTF-8”.")], readers)
    if broken and not rows:
        return _nothing(broken, readers)
    line, header = rows[0] if rows else (1, [])
    wrong = list(_wrong_header(header, line, tuple(readers)))
    if wrong:
        return _nothing([*wrong, *broken], readers)
    table = _body(header, rows[1:], readers)
    return _nothing([*table.faults, *broken], readers) if broken else table


def _rows(data: bytes) -> tuple[list[Row], list[Fault]]:
    """Each row with the line at which it begins (empty lines are no rows), and the line at which nothing more could be read."""
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    rows: list[Row] = []
    begins = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append((begins, [field.strip() for field in row]))
            begins = reader.line_num + 1
    except csv.Error as error:
        says = f"This line cannot be read as CSV: {error}. Check its quotation marks; what comes after it was not read."
        return rows, [Fault(line=begins, column=None, says=says)]
    return rows, []


def _wrong_header(header: list[str], line: int, columns: tuple[str, ...]) -> Iterator[Fault]:
    wanted = ", ".join(columns)
    for name in dict.fromkeys(header):
        if name not in columns:
            yield Fault(line=line, column=name, says=f"The column “{name}” is not known. The columns are: {wanted}. Remove or rename it.")
        elif header.count(name) > 1:
            yield Fault(line=line, column=name, says=f"The column {name} stands here {header.count(name)} times. Leave one.")
    for name in columns:
        if name not in header:
            yield Fault(line=line, column=name, says=f"The column {name} is missing. The columns are: {wanted}. Add it.")


def _body(header: list[str], rows: list[Row], readers: Mapping[str, Reader]) -> Table:
    faults: list[Fault] = []
    lines: list[int] = []
    values: dict[str, list[Any]] = {name: [] for name in readers}
    for line, row in rows:
        if len(row) != len(header):
            says = f"This row has {len(row)} fields and the header has {len(header)}. Add or remove commas, or put quotes around them."
            faults.append(Fault(line=line, column=None, says=says))
            continue
        lines.append(line)
        for name, text in zip(header, row, strict=True):
            value = None
            try:
                value = readers[name](text)
            except ValueError as error:
                faults.append(Fault(line=line, column=name, says=str(error)))
            values[name].append(value)
    return Table(lines=tuple(lines), values={name: tuple(column) for name, column in values.items()}, faults=tuple(faults))


def _nothing(faults: list[Fault], readers: Mapping[str, Reader]) -> Table:
    return Table(lines=(), values=dict.fromkeys(readers, ()), faults=tuple(faults))
