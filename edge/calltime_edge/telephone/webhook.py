"""How does an exchange reach the line over HTTP? It posts that somebody calls, then what she keys in, and is told what to say."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from calltime_edge.readers.sightings import Called, ReaderGone
from calltime_edge.telephone import twiml
from calltime_edge.telephone.calls import Calls
from calltime_edge.telephone.desk import Desk
from calltime_edge.telephone.twiml import Exchange
from calltime_wire.status import ReaderState

log = logging.getLogger(__name__)

AT_MOST_BYTES = 16_384
PATIENCE_S = 10
AT_ONCE = 32
"""Requests that are answered at once; more wait."""


class Webhook:
    """Listens for the exchange; watched as a reader is, because it is what carers tap."""

    name = "telephone"

    def __init__(self, host: str, port: int, exchange: Exchange, calls: Calls, desk: Desk) -> None:
        """Nothing is opened yet."""
        self._at, self._exchange, self._calls, self._desk = (host, port), exchange, calls, desk

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Called]:
        """Yield what callers keyed in, as long as the port is open. Raises ReaderGone."""
        try:
            server = _Server(self._at, _handler(self._exchange, self._calls))
        except OSError as error:
            raise ReaderGone(
                f"The line cannot listen at {self._at[0]}:{self._at[1]} ({error}). Another program may: choose another port as `listen` in "
                "the settings under [telephone]. Looking again until it is free."
            ) from error
        serving = threading.Thread(target=server.serve_forever, name="telephone: listening", daemon=True)
        serving.start()

        def look() -> None:
            if not serving.is_alive():
                raise ReaderGone("The line has stopped listening, and should not have. Opening it again.")
            tell("ready")

        try:
            yield from self._desk.asked(stop, look)
        finally:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, at: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._room = threading.BoundedSemaphore(AT_ONCE)
        if ":" in at[0]:
            self.address_family = socket.AF_INET6
        super().__init__(at, handler)

    def process_request_thread(self, request: object, client_address: object) -> None:
        with self._room:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type] # as they came, whatever they are

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 # neither is told: a log names nobody
        log.error("a request of the exchange failed in a way that nobody foresaw, and was not confirmed", exc_info=True)  # noqa: LOG014 # it is called while that is handled


def _handler(exchange: Exchange, calls: Calls) -> type[BaseHTTPRequestHandler]:
    path = urlsplit(exchange.address).path or "/"

    class Handler(BaseHTTPRequestHandler):
        """One request."""

        server_version, sys_version = "calltime", ""
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE_S

        def do_POST(self) -> None:  # the library calls it so
            """Answer a call, or what was keyed in."""
            asked = urlsplit(self.path)
            size = self.headers.get("Content-Length", "")
            if asked.path != path or not size.isdecimal() or int(size) > AT_MOST_BYTES:
                self._refuse(HTTPStatus.NOT_FOUND if asked.path != path else HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "")
                return
            posted = _fields(self.rfile.read(int(size)))
            if not twiml.is_signed(self.headers.get("X-Twilio-Signature", ""), exchange, query=asked.query, posted=posted):
                log.warning("a request was not signed by the exchange; check `address` and `token_file` in the settings under [telephone]")
                self._refuse(
                    HTTPStatus.FORBIDDEN, "This was not signed with the token of this line's account for the address that it has.\n"
                )
                return
            self._answer(dict(posted), parse_qs(asked.query).get("step", ["0"])[0])

        def _answer(self, posted: dict[str, str], step: str) -> None:
            call, number = posted.get("CallSid", ""), int(step) if step.isdecimal() and len(step) < 4 else 0
            following, reply = calls.answer(call, step=number, caller=posted.get("From", ""), digits=posted.get("Digits", ""))
            self._send(HTTPStatus.OK, "text/xml; charset=utf-8", twiml.write(reply, exchange, step=following))

        def _refuse(self, status: HTTPStatus, says: str) -> None:
            self.close_connection = True
            self._send(status, "text/plain; charset=utf-8", says.encode())

        def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: an address of a request may say who called."""

    return Handler


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return []
