"""What can be left on a disk when the power goes between two steps? What was synced, and any part of the rest.

POSIX promises no more: writes that were not synced may be there or not, in any order and in sectors; a new name, a new place or a
removal of a file is certain when its folder was synced. A write whose sync failed is never certain again: Linux forgets
that it is not on disk.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import compress, product

from crash.watched_disk import Step

SECTOR = 512


@dataclass(slots=True, kw_only=True)
class Change:
    """A write, or a truncation (`data` is None), on its way to the disk."""

    offset: int
    data: bytes | None
    certain: bool = False
    doomed: bool = False


@dataclass(slots=True)
class File:
    """What is certain of a file, and what has happened to it since."""

    base: bytearray = field(default_factory=bytearray)
    since: list[Change] = field(default_factory=list)

    def sync(self, *, failed: bool) -> None:
        for change in self.since:
            if failed:
                change.doomed |= not change.certain
            else:
                change.certain |= not change.doomed
        if all(change.certain for change in self.since):
            self.base, self.since = bytearray(_applied(self.base, self.since)), []

    @property
    def uncertain(self) -> list[Change]:
        return [change for change in self.since if not change.certain]


Names = dict[str, File]


class Disk:
    """The files of one folder as a process makes them, and what is certain of them."""

    def __init__(self, before: Mapping[str, bytes] | None = None) -> None:
        self.names: Names = {name: File(bytearray(content)) for name, content in (before or {}).items()}
        self._certain: Names = dict(self.names)
        self._renamings: list[Callable[[Names], None]] = []
        self._opened: dict[tuple[int, int], File | None] = {}

    def take(self, step: Step) -> None:
        """Follow one step."""
        match step.kind:
            case "C":
                made = self._opened[step.file] = File()
                self._rename(lambda names: names.update({step.name: made}))
            case "O":
                self._opened[step.file] = None if step.name == "." else self.names[step.name]
            case "U":
                self._rename(lambda names: names.pop(step.name, None))
            case "R":
                self._rename(lambda names: _move(names, step.name, step.data.decode()))
            case "L":
                self._rename(lambda names: names.update({step.data.decode(): names[step.name]} if step.name in names else {}))
            case "S" if self._opened[step.file] is None:
                if not step.failed:
                    self._certain, self._renamings = dict(self.names), []
            case "S":
                self._file(step).sync(failed=step.failed)
            case "W":
                self._file(step).since.append(Change(offset=step.offset, data=step.data))
            case "T":
                self._file(step).since.append(Change(offset=step.offset, data=None))

    def is_of(self, step: Step, name: str) -> bool:
        """Whether a step is one of the file of this name."""
        return self._opened[step.file] is not None and self._opened[step.file] is self.names.get(name)

    def after_a_power_cut(self, chance: random.Random) -> Iterator[dict[str, bytes]]:
        """Play some of the states in which the disk may be found now: nothing that is uncertain, all of it, and parts of it."""
        uncertain = [change for file in self.names.values() for change in file.uncertain]
        if not uncertain and not self._renamings:
            yield {name: bytes(file.base) for name, file in self.names.items()}
            return
        yield self._found(set(), [], None)
        every = {id(change) for change in uncertain}
        yield self._found(every, self._renamings, None)
        last = uncertain[-1] if uncertain else None
        if last is not None and last.data is not None and len(last.data) > SECTOR:
            torn = replace(last, data=last.data[: SECTOR * chance.randrange(1, -(-len(last.data) // SECTOR))])
            yield self._found(every, self._renamings, (last, torn))
        # The newest three changes of names are played in every combination; the others are drawn.
        older = [renaming for renaming in self._renamings[:-3] if chance.random() < 0.5]
        for chosen in product((True, False), repeat=len(self._renamings[-3:])):
            some = {id(change) for change in uncertain if chance.random() < 0.5}
            yield self._found(some, [*older, *compress(self._renamings[-3:], chosen)], None)

    def _found(self, kept: set[int], renamed: list[Callable[[Names], None]], torn: tuple[Change, Change] | None) -> dict[str, bytes]:
        names = dict(self._certain)
        for renaming in renamed:
            renaming(names)
        return {name: _content(file, kept, torn) for name, file in names.items()}

    def _file(self, step: Step) -> File:
        file = self._opened[step.file]
        assert file is not None
        return file

    def _rename(self, renaming: Callable[[Names], object]) -> None:
        renaming(self.names)
        self._renamings.append(lambda names: (renaming(names), None)[1])


def _move(names: Names, old: str, new: str) -> None:
    if old in names:
        names[new] = names.pop(old)


def _content(file: File, kept: set[int], torn: tuple[Change, Change] | None) -> bytes:
    changes = [change for change in file.since if change.certain or id(change) in kept]
    if torn is not None:
        changes = [torn[1] if change is torn[0] else change for change in changes]
    return _applied(file.base, changes)


def _applied(base: bytes | bytearray, changes: list[Change]) -> bytes:
    content = bytearray(base)
    for change in changes:
        if change.data is None:
            del content[change.offset :]
        end = change.offset + len(change.data or b"")
        content.extend(bytes(max(0, end - len(content))))
        if change.data is not None:
            content[change.offset : end] = change.data
    return bytes(content)
