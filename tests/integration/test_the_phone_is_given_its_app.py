"""What does a phone get that opens a tag's address? The app where it was built, under rules of its own, and plain words where not."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from calltime_server.config import Phones
from fixtures.html import read_page
from fixtures.office import open_office
from fixtures.small_day import EVENING

SHELL = (
    "<!doctype html><title>Calltime</title><script type=module src=/t/assets/app-1a2b3c4d.js></script>" + "<!-- long enough to pack -->" * 9
)
SCRIPT = "// what runs\n" * 50
PHONES = Phones(brokers=("wss://broker.example.org:8084/mqtt", "ws://127.0.0.1:9001"), position=False)
OPENS_THE_APP = ("/t/", "/t/enrol", "/t/kx7fq2mhdw4c", "/t/kx7fq2mhdw4c/waiting", "/t/kx7fq2mhdw4c?e=EF963FF7&c=94EED9EE")
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder such as the build makes."""
    beside = tmp_path_factory.mktemp("built")
    folder = beside / "phone"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(SHELL)
    (folder / "sw.js").write_text(SCRIPT)
    (folder / "manifest.webmanifest").write_text("{}")
    (folder / "licences.txt").write_text("MIT")
    (folder / ".vite").mkdir()
    (folder / ".vite/manifest.json").write_text("{}")
    (folder / "assets/app-1a2b3c4d.js").write_text(SCRIPT)
    (folder / "assets/reader-5e6f.wasm").write_bytes(bytes(500))
    (folder / "assets/notes.py").write_text("secret")
    (beside / "outside.js").write_text("secret")
    return folder


@contextmanager
def phone(folder: Path, *, phones: Phones = PHONES, passwords: bool = False, dsn: str = NOWHERE) -> Iterator[httpx.Client]:
    """A browser that nobody has signed in; by default at an office whose database is away, which no tag's address may notice."""
    with (
        open_office(dsn, now=lambda: EVENING, phones=phones, phone_app=folder, passwords=passwords) as address,
        httpx.Client(base_url=address, follow_redirects=False, timeout=30) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client(built: Path) -> Iterator[httpx.Client]:
    with phone(built, passwords=True) as asking:
        yield asking


@pytest.mark.parametrize("address", OPENS_THE_APP)
def test_every_address_of_a_tag_opens_the_app_without_asking_the_database(client: httpx.Client, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.text) == (200, SHELL)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_code_in_a_qr_code_leads_into_the_app(client: httpx.Client) -> None:
    answers = client.get("/enrol"), client.get("/t")

    assert [(answer.status_code, httpx.URL(answer.headers["Location"]).path) for answer in answers] == [(307, "/t/enrol"), (307, "/t/")]


@pytest.mark.parametrize("address", ["/t/", "/t/abc", "/t/sw.js", "/t/assets/app-1a2b3c4d.js", "/t/settings.json"])
def test_only_what_is_ours_runs_and_only_the_office_and_the_brokers_are_called(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
        "connect-src 'self' wss://broker.example.org:8084 ws://127.0.0.1:9001; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("position", "where"), [(False, "()"), (True, "(self)")])
def test_the_camera_may_be_asked_for_and_the_place_only_where_the_council_has_switched_it_on(
    built: Path, position: bool, where: str
) -> None:
    with phone(built, phones=Phones(position=position)) as client:
        answer = client.get("/t/")

    assert answer.headers["Permissions-Policy"] == f"camera=(self), geolocation={where}, microphone=(), payment=(), usb=()"
    assert "connect-src 'self'; worker-src" in answer.headers["Content-Security-Policy"]


def test_the_offices_own_pages_keep_their_rules(built: Path, postgres_database: str) -> None:
    with phone(built, dsn=postgres_database) as client:
        headers = client.get("/sign-in").headers

    assert "wasm" not in headers["Content-Security-Policy"]
    assert "broker" not in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"].startswith("camera=()")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "kind", "caching"),
    [
        ("sw.js", "text/javascript; charset=utf-8", "no-cache"),
        ("manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("licences.txt", "text/plain; charset=utf-8", "no-cache"),
        ("assets/app-1a2b3c4d.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("assets/reader-5e6f.wasm", "application/wasm", "public, max-age=31536000, immutable"),
    ],
)
def test_what_has_its_digest_in_its_name_is_kept_for_ever_and_the_rest_is_asked_about(
    client: httpx.Client, built: Path, name: str, kind: str, caching: str
) -> None:
    answer = client.get(f"/t/{name}")

    assert answer.content.startswith((built / name).read_bytes())
    assert name == "sw.js" or len(answer.content) == (built / name).stat().st_size
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (kind, caching)


def test_what_is_unchanged_is_not_sent_again_and_what_has_changed_is(client: httpx.Client, built: Path) -> None:
    (built / "worker-of-old.js").write_text(SCRIPT)
    first = client.get("/t/worker-of-old.js")
    again = client.get("/t/worker-of-old.js", headers={"If-None-Match": first.headers["ETag"]})
    (built / "worker-of-old.js").write_text("// a new one")
    changed = client.get("/t/worker-of-old.js", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert (changed.status_code, changed.text) == (200, "// a new one")


@pytest.mark.parametrize("changed", [Phones(brokers=PHONES.brokers[:1]), Phones(brokers=PHONES.brokers, position=True)])
def test_a_phone_takes_the_worker_anew_when_the_rules_change_under_which_it_keeps_the_app(
    client: httpx.Client, built: Path, changed: Phones
) -> None:
    first = client.get("/t/sw.js")
    known = {"If-None-Match": first.headers["ETag"]}
    with phone(built, phones=changed) as after, phone(built) as unchanged:
        again, same = after.get("/t/sw.js", headers=known), unchanged.get("/t/sw.js", headers=known)
        untouched = after.get("/t/assets/app-1a2b3c4d.js")

    assert (again.status_code, same.status_code) == (200, 304)
    assert first.text != again.text
    assert {first.text.rsplit("// ", 1)[0], again.text.rsplit("// ", 1)[0]} == {SCRIPT + "\n"}
    assert untouched.text == SCRIPT


def test_it_is_sent_packed_to_whoever_can_unpack_it(client: httpx.Client) -> None:
    with client.stream("GET", "/t/assets/app-1a2b3c4d.js", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = client.get("/t/assets/app-1a2b3c4d.js", headers={"Accept-Encoding": "identity"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content == SCRIPT.encode()
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "name",
    [
        "assets/app-0.js",
        "assets/notes.py",
        "assets/..%2fsw.js",
        "assets/..%2f..%2foutside.js",
        "assets/.vite",
        "worker.js",
        "..%2foutside.js",
        ".vite",
        "manifest.webmanifest%00.js",
    ],
)
def test_nothing_else_is_given_out(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/t/{name}")

    assert answer.status_code in (400, 404)
    assert "secret" not in answer.text
    assert answer.text != SHELL


def test_a_phone_learns_before_it_is_enrolled_which_brokers_there_are(client: httpx.Client, built: Path) -> None:
    told = client.get("/t/settings.json")
    with phone(built, phones=Phones()) as bare:
        none = bare.get("/t/settings.json")

    assert told.json() == {"brokers": ["wss://broker.example.org:8084/mqtt", "ws://127.0.0.1:9001"], "broker_password": True}
    assert none.json() == {"brokers": [], "broker_password": False}
    assert told.headers["Cache-Control"] == "no-cache"


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with phone(tmp_path_factory.mktemp("nothing")) as asking:
        yield asking


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/t/kx7fq2mhdw4c", "Carers scan this tag"),
        ("/t/kx7fq2mhdw4c/waiting", "Carers scan this tag"),
        ("/enrol", "makes a carer's device known"),
        ("/t/enrol", "makes a carer's device known"),
    ],
)
def test_where_the_app_was_not_built_the_address_says_what_it_is_for(unbuilt: httpx.Client, address: str, says: str) -> None:
    answer = unbuilt.get(address)

    assert answer.status_code == 200
    assert says in read_page(answer.text).text
    assert "wasm" not in answer.headers["Content-Security-Policy"]


def test_no_tag_is_told_from_another(client: httpx.Client) -> None:
    known, unknown = client.get("/t/tag-of-S1"), client.get("/t/no-such-tag")

    assert known.content == unknown.content
    assert {**known.headers, "date": ""} == {**unknown.headers, "date": ""}
