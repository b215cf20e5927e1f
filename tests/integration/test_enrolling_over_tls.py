"""Does a door introduce itself only to the office that it means? Over https, the office's certificate must be right."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import msgspec
import pytest

from calltime_edge import enrolment
from calltime_edge.enrolment import NotEnrolled
from calltime_wire import base64url
from calltime_wire.enrolment import Answer
from fixtures.certificates import Issuer
from fixtures.doors import DOOR, GATEWAY

ANSWER = Answer(device=DOOR.device, gateway_key=base64url.encode(GATEWAY.public_key), broker="mqtts://broker.example.org", carer="C12")


class Enrols(BaseHTTPRequestHandler):
    """An office that takes every code."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(msgspec.json.encode(ANSWER))

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Quiet(HTTPServer):
    def handle_error(self, *_: object) -> None:
        """Callers who do not trust us hang up; that is what is tested."""


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(tmp_path)


@pytest.fixture
def port(issuer: Issuer) -> Iterator[int]:
    """Of an office whose certificate is for `localhost`, from the council's own CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issuer.certificate("localhost"))
    with Quiet(("127.0.0.1", 0), Enrols) as serving:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving.server_port
        serving.shutdown()
        thread.join(10)


def enrol(folder: Path, server: str, ca_file: Path | None) -> enrolment.Enrolled:
    return enrolment.enrol("ABCDEFGHJK", server=server, signer=DOOR, folder=folder, ca_file=ca_file)


def test_a_door_that_knows_the_council_s_own_issuer_is_enrolled(port: int, issuer: Issuer, tmp_path: Path) -> None:
    enrol(tmp_path, f"https://localhost:{port}", issuer.ca_file)

    assert enrolment.load(tmp_path, DOOR).broker == "mqtts://broker.example.org"


@pytest.mark.parametrize(
    ("host", "knows_the_issuer", "because"),
    [
        ("localhost", False, "The issuer of the certificate of https://localhost"),
        ("127.0.0.1", True, "The certificate of the other end is not for https://127.0.0.1"),
    ],
)
def test_an_office_that_cannot_prove_itself_is_told_nothing(
    port: int, issuer: Issuer, tmp_path: Path, host: str, knows_the_issuer: bool, because: str
) -> None:
    with pytest.raises(NotEnrolled, match=because):
        enrol(tmp_path, f"https://{host}:{port}", issuer.ca_file if knows_the_issuer else None)

    assert not (tmp_path / "enrolment.json").exists()


def test_a_ca_file_that_is_not_there_is_told(port: int, tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled, match=r"The CA file .*no-such\.pem cannot be used"):
        enrol(tmp_path, f"https://localhost:{port}", tmp_path / "no-such.pem")
