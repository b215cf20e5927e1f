"""What goes over the air between a page and the office? Requests, answers and WebSocket frames, counted by the browser."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Page

ABOUT_BYTES = "HTTP and WebSocket, both ways; what TLS, TCP and IP add is not measured"
MASK = 4
BINARY = 2


class Line:
    """The traffic of one page since it was last forgotten."""

    def __init__(self, page: Page) -> None:
        """Listen from now on."""
        self.bytes = 0
        self._asked: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.webSocketFrameSent", lambda said: self._frame(said["response"], MASK))
        session.on("Network.webSocketFrameReceived", lambda said: self._frame(said["response"], 0))
        session.on("Network.webSocketWillSendHandshakeRequest", lambda said: self._headers(said["request"]["headers"]))
        session.on("Network.webSocketHandshakeResponseReceived", lambda said: self._headers(said["response"]["headers"]))
        session.on("Network.requestWillBeSent", self._request)
        session.on("Network.requestWillBeSentExtraInfo", self._really)
        session.on("Network.loadingFinished", lambda said: self._count(int(said["encodedDataLength"])))
        session.send("Network.enable")

    def forget(self) -> None:
        """Begin at nothing."""
        self.bytes = 0

    def _frame(self, frame: dict[str, Any], mask: int) -> None:
        payload = frame["payloadData"]
        length = len(base64.b64decode(payload)) if frame["opcode"] == BINARY else len(payload.encode())
        self._count(length + mask + (2 if length < 126 else 4))

    def _request(self, said: dict[str, Any]) -> None:
        request = said["request"]
        if request["url"].startswith("http"):
            self._asked[said["requestId"]] = len(request["url"]) + len(request.get("postData", ""))
            self._both(said["requestId"])

    def _really(self, said: dict[str, Any]) -> None:
        """What the service worker answers from what it keeps never comes here."""
        self._sent[said["requestId"]] = _length(said["headers"])
        self._both(said["requestId"])

    def _both(self, request: str) -> None:
        """The two are told in either order."""
        if request in self._asked and request in self._sent:
            self._count(self._asked.pop(request) + self._sent.pop(request))

    def _headers(self, headers: dict[str, str]) -> None:
        self._count(_length(headers))

    def _count(self, more: int) -> None:
        self.bytes += more


def _length(headers: dict[str, str]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers.items())
