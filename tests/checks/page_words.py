"""Do the catalogues hold every sentence of the office's pages? Run alone, it brings them in step and lists what is not translated."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

SERVER = Path(__file__).parents[2] / "server"
LOCALE = SERVER / "calltime_server/locale"
TEMPLATE = LOCALE / "office.pot"


def in_the_pages() -> Catalog:
    """Collect what stands in templates and code, with the files in which it stands."""
    with (SERVER / "babel.cfg").open(encoding="utf-8") as file:
        mapping, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call] # Babel gives no types for its own command line
    catalog = Catalog(project="calltime", domain="office", fuzzy=False)
    found = extract_from_dir(
        SERVER, mapping, options, keywords=DEFAULT_KEYWORDS | {"N_": None}, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for file_name, _, message, comments, context in sorted(found, key=lambda each: each[0]):
        catalog.add(message, locations=[(file_name, 0)], auto_comments=comments, context=context)
    return catalog


def catalogues() -> list[Path]:
    """List the files that a translator edits."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/office.po"))


def read(path: Path) -> Catalog:
    """Read one of them, or the template."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.parts[-3], domain="office")


def main() -> None:
    """Bring the template and each catalogue in step. Sentences that are new are left empty for the translator."""
    fresh = in_the_pages()
    _write(TEMPLATE, fresh)
    for path in catalogues():
        catalog = read(path)
        catalog.update(fresh, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        _write(path, catalog)
        missing = [str(message.id) for message in catalog if message.id and not all(told(message.string))]
        sys.stdout.write(f"{path.relative_to(SERVER)}: {len(catalog)} sentences, {len(missing)} not translated\n")
        sys.stdout.writelines(f"  {sentence}\n" for sentence in missing)


def told(string: object) -> tuple[str, ...]:
    """One sentence, or one for each plural."""
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


def _write(path: Path, catalog: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalog, width=140, include_lineno=False, sort_output=True, omit_header=path == TEMPLATE)


if __name__ == "__main__":
    main()
