"""Are two names of accounts or roles the same, whatever they look like?"""

import unicodedata


def folded(role: str) -> str:
    """The name as it is compared: without what cannot be seen, and without differences of case, width and spacing. May be empty."""
    plain = unicodedata.normalize("NFKC", role)
    seen = "".join(" " if each.isspace() else each for each in plain if each.isspace() or unicodedata.category(each) not in ("Cc", "Cf"))
    return " ".join(seen.split()).casefold()
