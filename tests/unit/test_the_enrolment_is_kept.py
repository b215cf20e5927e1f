"""Does a door that was told that it is enrolled still know it after a power cut?"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from calltime_edge import enrolment
from calltime_wire import base64url
from calltime_wire.enrolment import Answer
from fixtures.doors import DOOR, GATEWAY
from fixtures.syncing import Synced

ANSWER = Answer(device=DOOR.device, gateway_key=base64url.encode(GATEWAY.public_key), broker="mqtt://broker.example.org", carer="C12")


class Enrols(BaseHTTPRequestHandler):
    """An office that takes every code."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(msgspec.json.encode(ANSWER))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Enrols) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join(10)


def test_the_enrolment_and_its_name_are_on_disk_before_the_door_says_so(server: str, tmp_path: Path, synced: Synced) -> None:
    enrolment.enrol("ABCDEFGHJK", server=server, signer=DOOR, folder=tmp_path)

    assert synced.in_order == [synced.file(tmp_path / "enrolment.json"), synced.file(tmp_path)]
    assert enrolment.load(tmp_path, DOOR).carer == "C12"
    assert (tmp_path / "enrolment.json").stat().st_mode & 0o777 == 0o600  # it may hold a password
