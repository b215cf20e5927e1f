"""Do the catalogues hold every sentence of the door and of its fridge-door page? Run alone, it brings them in step."""

import ast
import sys
from collections.abc import Iterator
from enum import Enum
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from calltime_edge.readers.sightings import Why
from calltime_edge.telephone.prompts import Prompt

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "edge/calltime_edge/words"
SOURCES = (*sorted((ROOT / "edge/calltime_edge").glob("*.py")), ROOT / "docs/fridge-door/page.py")
SPOKEN: tuple[type[Enum], ...] = (Why, Prompt)
"""Enumerations whose values are sentences for the carer."""


def in_the_source() -> Catalog:
    """Collect every sentence that is passed to gettext or ngettext, and the values of SPOKEN."""
    catalog = Catalog(project="calltime-edge", domain="door", fuzzy=False)
    for source in SOURCES:
        for message in _sentences(source.read_text(encoding="utf-8")):
            catalog.add(message, locations=[(str(source.relative_to(ROOT)), 0)])
    for spoken in SPOKEN:
        where = spoken.__module__.replace(".", "/")
        for reason in spoken:
            catalog.add(reason.value, locations=[(f"edge/{where}.py", 0)])
    return catalog


def catalogues() -> list[Path]:
    """List the files that a translator edits."""
    return sorted(WORDS.glob("*/LC_MESSAGES/door.po"))


def read(path: Path) -> Catalog:
    """Read one of them."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="door")


def compiled(catalog: Catalog) -> bytes:
    """Make of a catalogue what the door reads."""
    made = BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def main() -> None:
    """Bring each catalogue in step with the source, and compile it. Sentences that are new are left empty for the translator."""
    for path in catalogues():
        catalog = read(path)
        catalog.update(in_the_source(), no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalog, width=120, include_lineno=False, sort_output=True)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        missing = [str(message.id) for message in catalog if message.id and not all(_told(message.string))]
        sys.stdout.write(f"{path.relative_to(ROOT)}: {len(catalog)} sentences, {len(missing)} not translated\n")
        sys.stdout.writelines(f"  {sentence}\n" for sentence in missing)


def _sentences(source: str) -> Iterator[str | tuple[str, ...]]:
    """Find what is written within calls of gettext and ngettext; in the tree, because Babel's own search does not look into f-strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("gettext", "ngettext"):
            written = tuple(part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str))
            if written:
                yield written[0] if len(written) == 1 else written


def _told(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string),)


if __name__ == "__main__":
    main()
