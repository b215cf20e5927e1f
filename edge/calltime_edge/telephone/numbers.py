"""Which telephone calls? Its number in one spelling, whatever the exchange makes of it; none where it was withheld."""

from __future__ import annotations

import re

COUNTRY = "44"
"""ASSUMPTION: the lines are in the United Kingdom: a number that begins with one nought is one of here."""

WITHHELD = {"266696687", "7378742883", "2562533", "8656696", "86282452253"}
"""Letters keyed on a telephone, which exchanges put in place of a number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN (two of them short)."""


def normal(caller: str) -> str | None:
    """`+44 1872 555123`, `01872 555123`, `00441872555123` and `sip:+441872555123@…` are 441872555123. None: nobody can tell who calls."""
    said = re.sub(r"^(?:sips?|tel):", "", caller.strip()).partition("@")[0]
    digits = re.sub(r"[\s().-]", "", said)
    if not re.fullmatch(r"\+?[0-9]{6,16}", digits) or digits.lstrip("+") in WITHHELD:
        return None
    if digits.startswith("+"):
        whole = digits[1:]
    elif digits.startswith("00"):
        whole = digits[2:]
    elif digits.startswith("0"):
        whole = COUNTRY + digits[1:]
    else:
        whole = digits
    return whole if re.fullmatch(r"[1-9][0-9]{6,14}", whole) else None
