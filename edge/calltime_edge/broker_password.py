"""What password does a door tell its broker? The first line of a file, read at each call: it may have been put right meanwhile."""

from __future__ import annotations

from pathlib import Path


class NoPassword(Exception):
    """The password file cannot be used; the message says why and what next."""


def read(file: Path | None) -> str | None:
    """Read it; None where the broker asks for none. Raises NoPassword."""
    if file is None:
        return None
    try:
        return (file.read_text(encoding="utf-8").splitlines() or [""])[0]
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:  # its own words hold a piece of the password
        why = "it is not UTF-8"
    then = "Put the password into its first line, readable for the user calltime."
    raise NoPassword(f"The password file {file} cannot be used ({why}). {then}")
