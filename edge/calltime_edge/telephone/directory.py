"""Which numbers are homes', and which PINs are carers'? What stands for them, in a file beside the line's key; never they themselves."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from calltime_edge.door_key import sync_folder
from calltime_edge.words.language import Language

NAME = "telephone.json"


class Known(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`homes`: whose home each number is at. `carers`: whose PIN each is; `languages`: in which a PIN's carer wants to be spoken to."""

    homes: dict[str, str] = {}
    carers: dict[str, str] = {}
    languages: dict[str, Language] = {}


class DirectoryDamaged(RuntimeError):
    """The file is there and cannot be read; the message says what to do."""


class Directory:
    """What is registered. The running line sees at the next call what a command has changed."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self._path = folder / NAME

    def read(self) -> Known:
        """Read all of it: it is small, and a call is rare. Raises DirectoryDamaged, OSError."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Known)
        except FileNotFoundError:
            return Known()
        except ValueError as error:
            raise DirectoryDamaged(
                f"{self._path} is damaged ({error}). Put its copy back, or move it away and register the numbers and PINs again."
            ) from error

    def add_home(self, number: str, home: str) -> str | None:
        """Note at whose home a number is; return whose it was before, if another's."""
        with self._changing() as known:
            before = known.homes.get(number)
            self._write(msgspec.structs.replace(known, homes={**known.homes, number: home}))
        return before if before != home else None

    def add_carer(self, pin: str, carer: str, language: Language) -> bool:
        """Note whose PIN this is, instead of any that the carer had; False: it is somebody's."""
        with self._changing() as known:
            if pin in known.carers:
                return False
            carers = {each: whose for each, whose in known.carers.items() if whose != carer} | {pin: carer}
            self._write(msgspec.structs.replace(known, carers=carers, languages=_of(carers, {**known.languages, pin: language})))
        return True

    def forget(self, reference: str) -> int:
        """Let no call in by this number, PIN, home or carer any more; return how many that was. What was tapped stays."""
        with self._changing() as known:
            homes = {number: home for number, home in known.homes.items() if reference not in (number, home)}
            carers = {pin: carer for pin, carer in known.carers.items() if reference not in (pin, carer)}
            gone = len(known.homes) + len(known.carers) - len(homes) - len(carers)
            self._write(Known(homes=homes, carers=carers, languages=_of(carers, known.languages)))
        return gone

    @contextmanager
    def _changing(self) -> Iterator[Known]:
        """One command at a time: of two that wrote at once, one would be forgotten."""
        with self._path.with_suffix(".lock").open("a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.read()

    def _write(self, known: Known) -> None:
        draft = self._path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(known))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        sync_folder(self._path.parent)


def _of(carers: dict[str, str], languages: dict[str, Language]) -> dict[str, Language]:
    return {pin: language for pin, language in languages.items() if pin in carers}
