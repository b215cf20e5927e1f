"""What is a carer's phone given? The shell of the app at every tag's address, the parts of the app, and what it must know beforehand.

Nothing here asks the database: a tag's address answers alike whether the tag is known or not, and the app opens while the database is away.
Without the app (it was not built) those addresses say in plain words what they are for.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from calltime_server.web.language import N_
from calltime_server.web.office import Office
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

SHELL = "index.html"
WORKER = "sw.js"
FOR_EVER = "public, max-age=31536000, immutable"
"""Of what has a digest of itself in its name."""
ASK_AGAIN = "no-cache"
"""Of what keeps its name when it changes: kept, and asked about each time."""
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,200}", re.ASCII)
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""What the app may consist of. Nothing else is given out, whatever lies in its folder."""
PACKED = (".ico", ".png", ".woff2")
"""What does not become smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of the app. `zipped` is None where that would not be smaller."""

    kind: str
    content: bytes
    zipped: bytes | None
    etag: str


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the addresses of this room."""
    headers = {"Content-Security-Policy": _policy(office.phones.brokers), "Permissions-Policy": _permissions(office)}
    rules = sha256(repr(sorted(headers.items())).encode()).hexdigest()[:32]

    def give(request: Request, name: str, caching: str, *, within: str = "") -> Response:
        part = _part(office.phone_app / within, name)
        if part is None:
            says = N_("The app has no such part; perhaps it is of an older version. Close the app and open it again.")
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such page"), says)
        if name == WORKER and not within:
            part = _naming(part, rules)
        return _answer(request, part, headers | {"Cache-Control": caching})

    def shell(request: Request, *, otherwise: str = "tag") -> Response:
        if not (office.phone_app / SHELL).is_file():
            return render(request, "tag_told.html", what=otherwise)
        return give(request, SHELL, ASK_AGAIN)

    @pages.get("/enrol")
    def enrol(request: Request) -> Response:
        # The code stands behind a #, which browsers keep to themselves and carry over.
        return RedirectResponse("/t/enrol") if (office.phone_app / SHELL).is_file() else shell(request, otherwise="code")

    @pages.get("/t/")
    def start(request: Request) -> Response:
        return shell(request)

    @pages.get("/t/enrol")
    def enrolment(request: Request) -> Response:
        return shell(request, otherwise="code")

    @pages.get("/t/settings.json")
    def settings() -> Response:
        told = {"brokers": list(office.phones.brokers), "broker_password": office.passwords}
        return JSONResponse(told, headers=headers | {"Cache-Control": ASK_AGAIN})

    @pages.get("/t/assets/{name}")
    def asset(request: Request, name: str) -> Response:
        return give(request, name, FOR_EVER, within="assets")

    @pages.get("/t/{tag}/waiting")
    def waiting(request: Request, tag: str) -> Response:  # noqa: ARG001 # the app reads it
        return shell(request)

    @pages.get("/t/{tag}")
    def tag(request: Request, tag: str) -> Response:
        # No address names a tag with a full stop in it: this is the worker, the manifest or a picture.
        return give(request, tag, ASK_AGAIN) if "." in tag else shell(request)


def _policy(brokers: tuple[str, ...]) -> str:
    """Only what is ours runs. `wasm-unsafe-eval` lets the reader of QR codes be compiled, and nothing that stands in a text."""
    called = dict.fromkeys(f"{urlsplit(broker).scheme}://{urlsplit(broker).netloc}" for broker in brokers)
    connect = " ".join(["'self'", *called])
    return (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        f"connect-src {connect}; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _permissions(office: Office) -> str:
    """The camera reads tags. Where the phone is can be asked for only if the council has switched that on."""
    where = "(self)" if office.phones.position else "()"
    return f"camera=(self), geolocation={where}, microphone=(), payment=(), usb=()"


def _part(folder: Path, name: str) -> Part | None:
    path = folder / name
    if not NAME.fullmatch(name) or path.suffix not in KINDS:
        return None
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> Part:
    """A file as it is now; read and packed once, for there are few and every phone asks for all."""
    content = path.read_bytes()
    zipped = None if path.suffix in PACKED else gzip.compress(content, 9, mtime=0)
    return Part(
        kind=KINDS[path.suffix],
        content=content,
        zipped=zipped if zipped is not None and len(zipped) < len(content) else None,
        etag=_etag(content),
    )


@lru_cache(maxsize=4)
def _naming(worker: Part, rules: str) -> Part:
    """The worker keeps the shell with the rules of its installation, and is installed anew only when it changes: so it names them."""
    content = worker.content + f"\n// Installed under the rules {rules}\n".encode()
    return replace(worker, content=content, zipped=gzip.compress(content, 9, mtime=0), etag=_etag(content))


def _etag(content: bytes) -> str:
    """Weak: the same for both spellings of the content."""
    return f'W/"{sha256(content).hexdigest()[:32]}"'


def _answer(request: Request, part: Part, headers: dict[str, str]) -> Response:
    headers = headers | {"ETag": part.etag, "Vary": "Accept-Encoding"}
    known = (each.strip() for each in request.headers.get("If-None-Match", "").split(","))
    if part.etag in known:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if part.zipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return Response(part.zipped, media_type=part.kind, headers=headers | {"Content-Encoding": "gzip"})
    return Response(part.content, media_type=part.kind, headers=headers)
