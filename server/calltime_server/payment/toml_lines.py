"""In which line of a TOML file does a value stand?

tomllib gives values without lines. A statement of TOML (a table's header, or a key and its value) can be read by itself, so lines are put
together until they are one: that finds the same values as the whole file, whatever is quoted or runs over several lines.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

Key = tuple[str | int, ...]


def lines_of(text: str) -> dict[Key, int]:
    """The line of every table and key, as `("step", 0, "clause")`. The text must be TOML that tomllib has read."""
    lines: dict[Key, int] = {}
    seen: Counter[Key] = Counter()
    table: Key = ()
    for line, statement in _statements(text):
        names = _names(tomllib.loads(statement))
        if statement.startswith("[["):
            parent = _inside(names[:-1], seen)
            table = (*parent, names[-1], seen[(*parent, names[-1])])
            seen[table[:-1]] += 1
        elif statement.startswith("["):
            table = _inside(names, seen)
        else:
            for depth in range(len(names)):
                lines.setdefault((*table, *names[: depth + 1]), line)
            continue
        lines.setdefault(table, line)
    return lines


def line_of(key: Key, lines: dict[Key, int]) -> int:
    """The line of the value, or of the nearest table around it that is written down, or the first."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    begun, gathered = 0, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not gathered and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun = begun if gathered else number
        gathered = f"{gathered}\n{line}" if gathered else line.lstrip()
        if _is_whole(gathered):
            yield begun, gathered
            gathered = ""


def _is_whole(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _names(read: dict[str, Any]) -> tuple[str, ...]:
    """The names on the way down to the one thing in it: `a.b = 1` is ("a", "b")."""
    names: list[str] = []
    inner: Any = read
    while isinstance(inner, dict) and len(inner) == 1:
        [(name, inner)] = inner.items()
        names.append(name)
    return tuple(names)


def _inside(names: tuple[str, ...], seen: Counter[Key]) -> Key:
    """The key with the number of the latest entry after each name that is an array of tables."""
    key: Key = ()
    for name in names:
        key = (*key, name)
        if seen[key]:
            key = (*key, seen[key] - 1)
    return key
