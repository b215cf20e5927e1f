"""Where does a setting come from? The environment, else the file, else the default; what is wrong or unknown on the way is gathered."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")

PREFIX = "CALLTIME_EDGE_"
_HEADER = re.compile(r"\s*\[(\[?)\s*([\w.\"' -]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.-]+)\s*=")
_NUMBER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing to mend: where it stands, and what is wrong with it."""

    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.where}: {self.says}"


class Source:
    """One file and one environment. `take` every key that is known, then ask for the faults."""

    def __init__(self, text: str, *, name: str, environment: Mapping[str, str]) -> None:
        """`name` is how the file is called in a fault."""
        self._name = name
        self._environment = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
        self._known_variables = {f"{PREFIX}CONFIG"}
        self._known: set[str] = set()
        self._wrong: list[Fault] = []
        self._lines = dict(_lines_of(text))
        self._written: dict[str, Any] = {}
        try:
            self._written = dict(_flat(tomllib.loads(text)))
        except tomllib.TOMLDecodeError as error:
            self._wrong.append(Fault(where=name, says=f"this is not TOML: {error}."))

    def take(self, key: str, default: T, read: Callable[[object], T]) -> T:
        """Read one key, such as `broker.mqtt`. When `read` raises ValueError, the default stands in and the fault is kept."""
        self._known.add(_NUMBER.sub("", key))
        variable = PREFIX + key.upper().replace(".", "_")
        if "[" not in key:
            self._known_variables.add(variable)
        if variable in self._environment:
            where, given = variable, self._environment[variable]
        elif key in self._written:
            where, given = self._place(key), self._written[key]
        else:
            return default
        try:
            return read(given)
        except ValueError as error:
            # An address with a password in it is not repeated: faults go into the journal.
            given = "what stands there" if "@" in str(given) else repr(given)
            self._wrong.append(Fault(where=where, says=f"{error}, not {given}."))
            return default

    def take_variable(self, name: str) -> str | None:
        """Read a variable for which the file has tables and no key."""
        self._known_variables.add(PREFIX + name)
        return self._environment.get(PREFIX + name)

    def count(self, table: str) -> int:
        """How many entries the array of tables `[[table]]` has. One with single brackets is none, and is told."""
        if alone := {key for key in self._written if key.startswith(f"{table}.")}:
            self._known |= alone
            self._wrong.append(
                Fault(where=self._place(table), says=f"there may be several, so each begins with two brackets: [[{table}]].")
            )
        return len({key.split("]")[0] for key in self._written if key.startswith(f"{table}[")})

    def wrong(self, key: str, says: str) -> None:
        """Keep a fault that only shows when several values are put together."""
        variable = PREFIX + key.upper().replace(".", "_")
        self._wrong.append(Fault(where=variable if variable in self._environment else self._place(key), says=says))

    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong, and all that is unknown, with what may have been meant."""
        unknown = [
            Fault(where=self._place(key), says=_unknown("key", _NUMBER.sub("", key), self._known))
            for key in self._written
            if _NUMBER.sub("", key) not in self._known
        ]
        strange = [
            Fault(where=name, says=_unknown("variable", name, self._known_variables))
            for name in self._environment
            if name not in self._known_variables
        ]
        return (*self._wrong, *unknown, *strange)

    def _place(self, key: str) -> str:
        line = self._lines.get(key) or self._lines.get(key.rpartition(".")[0])
        return f"{self._name}, {f'line {line}, ' if line else ''}{_NUMBER.sub('', key)}"


def _unknown(what: str, name: str, known: set[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"there is no such {what}. Was {near[0]} meant?" if near else f"there is no such {what}. Remove it."


def _flat(tree: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """`{"broker": {"mqtt": "5"}, "reader": [{"kind": "pn532"}]}` is `broker.mqtt` and `reader[0].kind`."""
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            for number, each in enumerate(value):
                # An entry without keys must be counted, too: its kind is then missing.
                yield from _flat({"kind": "", **each}, f"{before}{name}[{number}].")
        else:
            yield f"{before}{name}", value


def _lines_of(text: str) -> Iterator[tuple[str, int]]:
    """The line of each table and key as people write them; a key that is spelt otherwise is told without a line."""
    table, entries = "", Counter[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2]
            if header[1]:
                entries[table] += 1
                table = f"{table}[{entries[table] - 1}]"
            yield table, number
        elif key := _KEY.match(line):
            yield f"{table}.{key[1]}".removeprefix("."), number
