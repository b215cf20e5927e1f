"""Is a page's door narrow enough: how much is read, from whom, and what is done with what no database keeps?"""

import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from calltime_server.people import tokens
from calltime_server.rights import Right
from calltime_server.store.connection import connect, execute, fetch
from calltime_server.web.guard import COOKIE
from fixtures.office import Pass, csrf_of, let_in, open_office
from fixtures.small_day import EVENING


@pytest.fixture
def officer(postgres_database: str) -> Pass:
    return let_in(postgres_database)


@pytest.fixture
def address(postgres_database: str) -> Iterator[str]:
    with open_office(postgres_database, now=lambda: EVENING) as address:
        yield address


def begin_to_send(address: str, path: str, body: bytes, *headers: str) -> str:
    """The status line of the answer to a form of which so much was sent and the end never comes."""
    parts = urlsplit(address)
    lines = (f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", "Transfer-Encoding: chunked", *headers, "", "")
    with socket.create_connection((str(parts.hostname), parts.port or 80), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode())
        try:
            for start in range(0, len(body), 65_536):
                part = body[start : start + 65_536]
                line.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        except OSError:
            pass  # the server has hung up; what it said is read all the same
        return line.recv(65_536).split(b"\r\n", 1)[0].decode()


UPLOAD = "Content-Type: multipart/form-data; boundary=x"
FORM = "Content-Type: application/x-www-form-urlencoded"


def test_a_form_of_somebody_who_is_not_signed_in_is_refused_before_it_is_read(address: str) -> None:
    assert begin_to_send(address, "/brought", b"x", UPLOAD) == "HTTP/1.1 303 See Other"


def test_the_sign_in_reads_a_megabyte_at_most_whatever_is_said_of_its_length(address: str) -> None:
    assert begin_to_send(address, "/sign-in", b"x" * (2**20 + 1), FORM).startswith("HTTP/1.1 413")
    assert begin_to_send(address, "/sign-in", b"x" * (2**20 + 1), UPLOAD).startswith("HTTP/1.1 413")


def test_somebody_who_is_signed_in_may_send_files_and_no_endless_ones(address: str, officer: Pass) -> None:
    cookie = f"Cookie: {COOKIE}={officer.session}"

    assert begin_to_send(address, "/brought", b"x" * (2**20 + 1), cookie, FORM).startswith("HTTP/1.1 413")
    assert begin_to_send(address, "/brought", b"x" * (32 * 2**20 + 1), cookie, UPLOAD).startswith("HTTP/1.1 413")


def test_a_form_within_the_limit_is_taken_as_before(address: str, postgres_database: str, officer: Pass) -> None:
    sent = {"csrf": csrf_of(postgres_database, officer), "language": "cy", "more": "x" * 900_000}

    answer = httpx.post(f"{address}/settings/me/language", data=sent, cookies={COOKIE: officer.session}, timeout=30)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/settings/me?done=language&lang=cy"


NO_ADDRESS = (
    "/compliance?zone=%00",
    "/mend?provider=%00",
    "/mend/amendments?by=%00",
    "/visits/a%00b",
    "/statements?before=99999999999999999999",
    "/statements/99999999999999999999",
    "/work?before=99999999999999999999",
    "/work?before=soon",
    f"/visits/{'v' * 6000}",
    f"/mend?provider={'v' * 6000}",
)


def test_what_no_database_keeps_is_told_and_is_no_fault_of_the_server(address: str, officer: Pass) -> None:
    with httpx.Client(base_url=address, cookies={COOKIE: officer.session}, timeout=30) as client:
        told = {path[:60]: client.get(path).status_code for path in NO_ADDRESS}
        csrf_is_missing = client.post("/mend/amendments/99999999999999999999/withdraw").status_code

    assert {path: status for path, status in told.items() if status not in (400, 404)} == {}
    assert csrf_is_missing == 403


def test_the_audit_log_notes_no_more_of_what_was_typed_than_tells_what_it_was(address: str, postgres_database: str, officer: Pass) -> None:
    token = {"Authorization": f"Bearer {officer.token}"}

    pages = httpx.get(f"{address}/visits?service_user={'h' * 1900}", cookies={COOKIE: officer.session}, timeout=30)
    program = httpx.get(f"{address}/api/v1/visits/{'v' * 6000}", headers=token, timeout=30)

    assert (pages.status_code, program.status_code) in {(200, 404), (200, 422)}
    with connect(postgres_database) as connection:
        (longest,) = fetch(connection, "SELECT max(length(value)) FROM audit, jsonb_each_text(about)", {})[0]
    assert longest <= 200


def test_a_file_of_long_work_needs_the_scope_of_its_kind(address: str, postgres_database: str, officer: Pass) -> None:
    with connect(postgres_database) as connection:
        who = officer.who
        told = tokens.make(connection, who, called="pay", scopes=frozenset({Right.SEE_PAY}), lasts=timedelta(days=1), now=EVENING)
        work = fetch(
            connection,
            "INSERT INTO work (kind, asked, person, by_name, asked_at) VALUES ('subject-access', '{}', %(p)s, 'x', %(now)s) RETURNING work",
            {"p": who.id, "now": EVENING},
        )[0][0]
        execute(
            connection, "INSERT INTO work_file (work, name, media, content) VALUES (%(w)s, 'a.zip', 'application/zip', 'x')", {"w": work}
        )
    path = f"{address}/api/v1/work/{work}/files/a.zip"

    narrow = httpx.get(path, headers={"Authorization": f"Bearer {told[0]}"}, timeout=30)
    whole = httpx.get(path, headers={"Authorization": f"Bearer {officer.token}"}, timeout=30)

    assert narrow.status_code == 403
    assert "people:export" in narrow.text
    assert whole.content == b"x"
