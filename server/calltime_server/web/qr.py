"""How does an address become a QR code? The one place of the pages that draws one."""

from __future__ import annotations

import segno


def picture_of(address: str, *, robust: bool = False) -> str:
    """A `data:` address of an SVG. `robust`: a quarter of it may be worn off, for what hangs in a home for years."""
    picture: str = segno.make(address, error="q" if robust else "m", micro=False).svg_data_uri(scale=5, border=4, light="#ffffff")
    return picture
