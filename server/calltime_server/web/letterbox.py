"""How much is read of what is sent to a page, and is it anything that can be kept? Asked before anything else looks at it."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request

from calltime_server.web.language import N_
from calltime_server.web.trouble import Trouble

FORM = 2**20
"""Bytes of a form without files."""
UPLOAD = 32 * 2**20
"""Bytes of a form with files, from somebody who is signed in."""
LONGEST_PATH, LONGEST_VALUE = 1000, 2000
"""Characters. References have 200 at most; the way back after signing in is an address of ours."""
_NOT_READ = N_("This address cannot be read")
_TOO_LONG = N_("What was sent is too long")
_FEWER = N_("A form has at most 1 MB, and a file 32 MB. Nothing was done. Send less at once, in several files.")
_UNFIT = N_(
    "It is too long, or holds a character that no reference has. Perhaps it was mistyped, or cut off in a message. Start again from the "
    "visit log."
)


def unfit_address(request: Request) -> Trouble | None:
    """Why this address is not looked up: no database keeps such a text. None: it may be."""
    words = [part for pair in request.query_params.multi_items() for part in pair]
    fits = len(request.url.path) <= LONGEST_PATH and all(len(word) <= LONGEST_VALUE for word in words)
    if fits and not any(_is_unfit(text) for text in (request.scope["path"], *words)):
        return None
    return Trouble(HTTPStatus.BAD_REQUEST, _NOT_READ, _UNFIT)


def _is_unfit(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


async def take(request: Request, *, known: bool) -> Trouble | None:
    """Read what is sent with a form, which is then there for whoever asks. Counted as it comes: what is said of its length may be untrue.

    `known`: somebody is signed in, and may send files. Returns the trouble where it is too much; the rest is not read.
    """
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    at_most = UPLOAD if known and kind == "multipart/form-data" else FORM
    too_long = Trouble(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LONG, _FEWER)
    told = request.headers.get("Content-Length", "")
    if told.isdecimal() and int(told[:20]) > at_most:
        return too_long
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > at_most:
            return too_long
    request._body = bytes(held)  # noqa: SLF001 # where Starlette keeps what `request.body()` has read; its own way has no limit
    return None
