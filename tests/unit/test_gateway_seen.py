"""Can the gateway be looked at from outside, and can a looker do no harm?"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from prometheus_client.parser import text_string_to_metric_families

from calltime_gateway import seen
from calltime_gateway.figures import Figures
from calltime_wire.broker_address import parse


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def figures(hands: Hands) -> Figures:
    return Figures(monotonic=hands)


@pytest.fixture
def port(figures: Figures) -> Iterator[int]:
    with seen.from_outside(("127.0.0.1", 0), figures) as port:
        assert port is not None
        yield port


def ask(port: int, path: str, method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_metrics_are_what_prometheus_reads(port: int, figures: Figures) -> None:
    figures.let_go(3)

    status, body = ask(port, "/metrics")

    values = {sample.name: sample.value for family in text_string_to_metric_families(body) for sample in family.samples}
    assert status == 200
    assert values["calltime_gateway_let_go_total"] == 3
    assert values["process_resident_memory_bytes"] > 0


def test_a_gateway_that_does_not_move_is_not_well(port: int, figures: Figures, hands: Hands) -> None:
    assert ask(port, "/healthz") == (200, "well\n")

    hands.at = seen.FRESH + 1
    status, says = ask(port, "/healthz")
    assert status == 503
    assert "has not moved for 31 s" in says

    figures.beat()
    assert ask(port, "/healthz")[0] == 200


def test_not_ready_says_why(port: int, figures: Figures) -> None:
    status, says = ask(port, "/readyz")
    assert status == 503
    assert [line.split(":")[0] for line in says.splitlines()] == ["No broker is connected", "The database cannot be used"]

    figures.broker(parse("mqtt://127.0.0.1"), connected=True)
    figures.database(there=True)
    assert ask(port, "/readyz") == (200, "ready\n")


def test_head_has_no_body_and_nothing_else_is_understood(port: int) -> None:
    assert ask(port, "/healthz", "HEAD") == (200, "")
    assert ask(port, "/healthz", "POST")[0] == 501
    assert ask(port, "/metrics/../../etc/passwd")[0] == 404
    assert ask(port, "/?x=<script>") == (404, "Here are /metrics, /healthz and /readyz.\n")


def test_callers_who_say_nothing_take_no_more_than_their_places(port: int) -> None:
    with ExitStack() as silent:
        for _ in range(seen.AT_ONCE):
            silent.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10)).sendall(b"GET /hea")
        with pytest.raises((http.client.HTTPException, OSError)):
            ask(port, "/healthz")


def test_a_caller_who_speaks_slowly_is_hung_up_on(figures: Figures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "PATIENCE", 0.2)
    with seen.from_outside(("127.0.0.1", 0), figures) as port, socket.create_connection(("127.0.0.1", port or 0), timeout=10) as slow:
        slow.sendall(b"GET /healthz HTTP/1.0\r\n")

        assert slow.recv(1) == b""


def test_without_an_address_nobody_listens(figures: Figures) -> None:
    with seen.from_outside(None, figures) as port:
        assert port is None


def test_a_gateway_that_starts_anew_listens_at_once_where_the_old_one_was_asked(figures: Figures) -> None:
    with seen.from_outside(("127.0.0.1", 0), figures) as port:
        assert port is not None
        ask(port, "/readyz")  # the one who hangs up first waits a minute for what may still come: us

    with seen.from_outside(("127.0.0.1", port), figures) as again:
        assert again == port
        assert ask(port, "/readyz")[0] == 503


def test_an_address_that_is_taken_is_an_error(figures: Figures, port: int) -> None:
    with pytest.raises(seen.Unservable, match="in use"), seen.from_outside(("127.0.0.1", port), figures):
        pass
