"""How does the line speak with an Asterisk? Its REST interface: commands over HTTP, events over a WebSocket (`websockets`)."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from calltime_edge.readers.sightings import ReaderGone

PATIENCE_S = 5.0
AT_MOST_BYTES = 65_536
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""By no proxy, whatever the environment says: as the WebSocket does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user of `ari.conf`, and the application that the dial plan names. `address` such as http://127.0.0.1:8088."""

    address: str
    user: str
    password: str = field(repr=False)
    app: str

    @property
    def authorisation(self) -> str:
        """The header's value."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")


class Link:
    """An open one: events come in, commands go out."""

    def __init__(self, account: Account, socket: Any) -> None:
        """`socket`: of `websockets`."""
        self._account = account
        self._socket = socket

    def event(self, within: float) -> Mapping[str, Any] | None:
        """The next event; None when none came in time. Raises ReaderGone."""
        from websockets.exceptions import WebSocketException

        try:
            said = json.loads(self._socket.recv(timeout=within))
        except TimeoutError:
            return None
        except (WebSocketException, OSError) as error:
            raise ReaderGone(f"The Asterisk at {self._account.address} has hung up ({error}). Calling it again.") from error
        except ValueError:
            return None
        return said if isinstance(said, dict) else None

    def command(self, method: str, *path: str, **query: str) -> None:
        """Have something done. Raises OSError: the call may have ended meanwhile."""
        address = f"{self._account.address}/ari/" + "/".join(quote(part, safe="") for part in path)
        request = urllib.request.Request(  # noqa: S310 # http or https, as the settings check
            f"{address}?{urlencode(query)}", method=method, headers={"Authorization": self._account.authorisation}
        )
        with DIRECTLY.open(request, timeout=PATIENCE_S):
            pass


@contextmanager
def connected(account: Account) -> Iterator[Link]:
    """Open the WebSocket for as long as the block lasts. Raises ReaderGone."""
    try:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
    except ImportError as error:
        raise ReaderGone(
            f"Asterisk needs the library websockets ({error}). Install calltime[telephone], then start the line again."
        ) from error
    address = account.address.replace("http", "ws", 1) + "/ari/events?" + urlencode({"app": account.app})
    try:
        socket = connect(
            address,
            additional_headers={"Authorization": account.authorisation},
            open_timeout=PATIENCE_S,
            close_timeout=1,
            max_size=AT_MOST_BYTES,
            proxy=None,
        )
    except (OSError, WebSocketException) as error:
        raise ReaderGone(
            f"The Asterisk at {account.address} cannot be reached ({error}). Check that its HTTP server and ARI are enabled, and the user "
            "and the password in ari.conf. Trying again until it can."
        ) from error
    with socket:
        yield Link(account, socket)
