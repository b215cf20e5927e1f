"""May this be an e-mail address? One rule for accounts, alerts and whatever else writes to somebody."""

from __future__ import annotations

import re

EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,6}$"
"""One address, without a name beside it and without quotes: what a mail server takes as it stands."""
LONGEST = 254


def is_email(text: str) -> bool:
    """Whether this may be an e-mail address; whether it is one, only a message tells."""
    return len(text) <= LONGEST and re.fullmatch(EMAIL, text) is not None and "\n" not in text
