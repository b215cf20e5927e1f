"""How is the gateway seen from outside? By HTTP: /metrics for Prometheus, /healthz and /readyz for whoever starts, stops and alarms."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from typing import Any

from prometheus_client.exposition import choose_encoder

from calltime_gateway.figures import Figures

log = logging.getLogger(__name__)

FRESH = 30.0
"""Seconds without a beat after which the gateway counts as hanging."""
AT_ONCE = 8
"""Callers that are served at once; whoever comes beyond is hung up on."""
PATIENCE = 10.0
"""Seconds that a caller has in all, however slowly it speaks."""
TEXT = "text/plain; charset=utf-8"


class Unservable(RuntimeError):
    """Nobody can listen at the address; the message says why and what next."""


@contextmanager
def from_outside(address: tuple[str, int] | None, figures: Figures) -> Iterator[int | None]:
    """Answer at this address while the block runs; give the port. Raises Unservable."""
    if address is None:
        yield None
        return
    try:
        server = _Server(address, figures)
    except OSError as error:
        raise Unservable(f"CALLTIME_GATEWAY_HTTP cannot be served: {error}. Choose another address, or end what has this one.") from error
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, name="seen", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], figures: Figures) -> None:
        self.figures = figures
        self._places = threading.BoundedSemaphore(AT_ONCE)
        # Before the socket is made: it must be of the family that the address has.
        self.address_family = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0][0]
        super().__init__(address, _Answering)

    def server_bind(self) -> None:
        """Without the name look-up of HTTPServer's own, which may hang. A gateway that starts anew does not wait for calls of the old."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand it to a thread, if there is one free."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, but not for ever."""
        cut = threading.Timer(PATIENCE, _hang_up, [request])
        cut.daemon = True
        cut.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            cut.cancel()
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's words
        """A caller that hangs up in the middle is no fault of ours; anything else is."""
        fault = sys.exception()
        if not isinstance(fault, OSError):
            log.error("fault while answering a caller of the figures", exc_info=fault)


class _Answering(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE
    server_version, sys_version = "calltime-gateway", ""

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without one."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        answers: dict[str, Callable[[], tuple[int, str, bytes]]] = {
            "/metrics": self._metrics,
            "/healthz": self._healthz,
            "/readyz": self._readyz,
        }
        status, kind, body = answers.get(self.path.partition("?")[0], self._nothing)()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _metrics(self) -> tuple[int, str, bytes]:
        encode, kind = choose_encoder(self.headers.get("Accept", ""))
        return 200, kind, encode(self.server.figures.registry)

    def _healthz(self) -> tuple[int, str, bytes]:
        still = self.server.figures.still_for()
        if still <= FRESH:
            return 200, TEXT, b"well\n"
        return 503, TEXT, f"The gateway has not moved for {still:.0f} s: it hangs. Its log says where; start it again.\n".encode()

    def _readyz(self) -> tuple[int, str, bytes]:
        trouble = self.server.figures.trouble()
        return (503, TEXT, "".join(f"{says}\n" for says in trouble).encode()) if trouble else (200, TEXT, b"ready\n")

    def _nothing(self) -> tuple[int, str, bytes]:
        return 404, TEXT, b"Here are /metrics, /healthz and /readyz.\n"

    def log_message(self, *_: Any) -> None:
        """A line for every look would bury what matters."""


def _hang_up(request: socket.socket) -> None:
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)
