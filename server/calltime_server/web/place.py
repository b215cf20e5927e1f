"""By which address does this browser know the office, and where in it may it be sent on to?"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from calltime_server.people.passkeys import Site
from calltime_server.people.sign_in import Browser
from calltime_server.web.guard import COOKIE
from calltime_server.web.office import Office

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def address_of(request: Request, office: Office) -> str:
    """The public address; on the machine itself, as in a demo, the one that was asked. No other host is believed of itself."""
    return str(request.base_url).rstrip("/") if _is_plain_loopback(request) else office.public_url


def address_for_doors(request: Request, office: Office) -> str:
    """The public address. Where that is this machine itself, as in a demo, no door would find it: then the one that was asked."""
    return address_of(request, office) if urlsplit(office.public_url).hostname in _LOOPBACK else office.public_url


def site_of(request: Request, office: Office) -> Site:
    """To which site passkeys belong."""
    parts = urlsplit(address_of(request, office))
    return Site(host=parts.hostname or "", origin=f"{parts.scheme}://{parts.netloc}")


def browser_of(request: Request) -> Browser:
    """Who knocks."""
    return Browser(address=request.client.host if request.client else "", agent=request.headers.get("User-Agent", ""))


def way_on(text: str) -> str:
    """The page of ours that was asked for; the start for anything that a browser could take for an address elsewhere."""
    ours = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable() and " " not in text
    return text if ours and not text.startswith(("/sign-in", "/sign-out")) else "/"


def give_cookie(request: Request, answer: Response, token: str) -> None:
    """Let the browser hold the session."""
    hold(request, answer, COOKIE, token)


def take_cookie(request: Request, answer: Response) -> None:
    """Let the browser forget the session."""
    forget(request, answer, COOKIE)


def hold(request: Request, answer: Response, name: str, value: str) -> None:
    """Let the browser hold something until it is closed. By https alone, but on the machine itself, where there is none."""
    answer.set_cookie(name, value, httponly=True, samesite="lax", secure=not _is_plain_loopback(request), path="/")


def forget(request: Request, answer: Response, name: str) -> None:
    """Let it forget that."""
    answer.delete_cookie(name, httponly=True, samesite="lax", secure=not _is_plain_loopback(request), path="/")


def _is_plain_loopback(request: Request) -> bool:
    # A proxy on this machine may hide the name that the browser asked for, but not where its form stood.
    by_https = request.url.scheme == "https" or request.headers.get("Origin", "").startswith("https:")
    return request.url.hostname in _LOOPBACK and not by_https
