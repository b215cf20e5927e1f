"""Can somebody who has only a bundle find out what was changed in it, even when its manifest was made anew?"""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from calltime_server.jobs.bundle.export import export_bundle
from calltime_server.jobs.bundle.layout import MANIFEST, NotABundle, unpack
from calltime_server.jobs.bundle.verify import Check, verify
from calltime_server.store.connection import connect
from calltime_wire import base64url
from fixtures.office import settle_small_day
from fixtures.plain_doors import Door, Es256Signer
from fixtures.signed_day import store_records, tap, write_signed_day


@pytest.fixture
def database(timescaledb_database: str) -> str:
    """One kind is enough: what a bundle needs of the database is read by queries that other tests run on both."""
    return timescaledb_database


@pytest.fixture
def bundle(database: str) -> bytes:
    write_signed_day(database)
    settle_small_day(database)
    return bundle_of(database, 1)


def bundle_of(dsn: str, run: int) -> bytes:
    with connect(dsn) as connection:
        return export_bundle(connection, run)


def checked(data: bytes) -> dict[str, Check]:
    return {check.name: check for check in verify(unpack(data), progress=lambda *_: None)}


def failing(data: bytes) -> set[str]:
    return {name for name, check in checked(data).items() if not check.holds}


def forged(data: bytes, name: str, change: Callable[[str], str], **more: Any) -> bytes:
    """A bundle in which a file was changed and the manifest made anew, as somebody would who means to deceive.

    `more`: what the manifest says of the run from now on; or `files`, each with its own change.
    """
    changes = {name: change} | more.pop("files", {})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {info.filename: archive.read(info).decode() for info in archive.infolist()}
    manifest = json.loads(files[MANIFEST])
    manifest["run"] |= more
    for ending, make in changes.items():
        [found] = [file for file in files if file.endswith(ending)]
        changed = make(files[found])
        assert changed != files[found]
        files[found] = changed
        manifest["files"][found] = sha256(changed.encode()).hexdigest()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file, content in (files | {MANIFEST: json.dumps(manifest)}).items():
            archive.writestr(file, content)
    return made.getvalue()


def without_line(number: int) -> Callable[[str], str]:
    def leave_out(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join([*lines[:number], *lines[number + 1 :]])

    return leave_out


def test_a_bundle_that_nobody_touched_holds(bundle: bytes) -> None:
    checks = checked(bundle)

    assert [(check.name, check.wrong) for check in checks.values() if not check.holds] == []
    assert list(checks) == [
        *("files", "signatures", "chain", "receipts", "terms", "days"),
        *("visits", "pairing and matching", "sums", "explanations", "entries of the run"),
    ]


def test_the_bundle_of_a_phone_that_signs_with_es256_holds_and_a_changed_record_does_not(database: str) -> None:
    write_signed_day(database, signer=Es256Signer(7))
    settle_small_day(database)
    bundle = bundle_of(database, 1)

    assert failing(bundle) == set()
    assert checked(bundle)["signatures"].says == "6 records of 1 doors are signed by the keys of their doors."
    other = forged(bundle, "records.csv", lambda text: text.replace(text.splitlines()[1][-8:-4], "AAAA", 1))
    assert "is not signed by the key of its door" in checked(other)["signatures"].wrong[0]


def test_the_same_run_gives_the_same_bytes(bundle: bytes, database: str) -> None:
    assert bundle_of(database, 1) == bundle


def test_what_came_in_later_changes_nothing_in_the_bundle_of_a_run(database: str) -> None:
    door = write_signed_day(database)
    settle_small_day(database)
    bundle = bundle_of(database, 1)

    store_records(database, door, tap(door, "09:31:00", "stop", "S3"), arrival="22:00:00")
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE planned_visit SET planned_minutes = 90 WHERE visit_id = 'V1'")

    assert bundle_of(database, 1) == bundle


def test_a_file_that_was_changed_is_named(bundle: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {info.filename: archive.read(info) for info in archive.infolist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content.replace(b"S1", b"S2") if name == "tags.csv" else content)

    assert checked(made.getvalue())["files"].wrong == ("tags.csv is not what the manifest says: it was changed after the bundle was made.",)


def test_a_record_that_was_changed_is_not_signed(bundle: bytes) -> None:
    def other_signature(text: str) -> str:
        head, first, *rest = text.splitlines(keepends=True)
        return "".join([head, first[:-3] + ("AA" if first[-3:-1] != "AA" else "BA") + first[-1:], *rest])

    failed = checked(forged(bundle, "records.csv", other_signature))

    assert not failed["signatures"].holds


def test_a_record_that_was_left_out_leaves_a_gap(bundle: bytes) -> None:
    failed = checked(forged(bundle, "records.csv", without_line(2)))

    assert any("something was left out" in says for says in failed["chain"].wrong) or any(
        "was stored" in says for says in failed["receipts"].wrong
    )


def test_another_key_is_seen_by_the_name_of_its_door(bundle: bytes) -> None:
    own, other = (base64url.encode(Door(name).signer.public_key) for name in ("the device of C1", "another door"))

    assert "signatures" in failing(forged(bundle, "doors.csv", lambda text: text.replace(own, other)))


def test_a_sum_that_was_raised_is_told_with_what_it_comes_to(bundle: bytes) -> None:
    def ten_times(text: str) -> str:
        head, *lines = text.splitlines(keepends=True)
        column = head.rstrip().split(",").index("pence")
        return head + "".join(with_pence(line, column) for line in lines)

    def with_pence(line: str, column: int) -> str:
        cells = line.split(",", column + 1)
        return ",".join([*cells[:column], "9999", *cells[column + 1 :]]) if cells[column] not in {"0", ""} else line

    failed = checked(forged(bundle, "lines.csv", ten_times))

    assert any("pence is “9999”, and comes to" in says for says in failed["sums"].wrong)


def test_a_plan_that_was_lengthened_shows_in_the_lines(bundle: bytes) -> None:
    assert "sums" in failing(forged(bundle, "plan.csv", lambda text: text.replace(",30,1", ",60,1")))


def test_terms_that_were_changed_are_not_those_that_were_signed_for(bundle: bytes) -> None:
    failed = checked(forged(bundle, ".toml", lambda text: text.replace("18.72", "28.72")))

    assert "another digest" in failed["terms"].wrong[0]


def first_twice(text: str) -> str:
    head, first, *rest = text.splitlines(keepends=True)
    return "".join([head, first, first, *rest])


def test_a_visit_that_stands_twice_is_told(bundle: bytes) -> None:
    doubled = forged(bundle, "lines.csv", first_twice, files={"run.csv": first_twice}, pence=842 + 842 + 1404)

    assert any("stands twice" in says for says in checked(doubled)["visits"].wrong)


def test_an_entry_that_was_made_up_is_told(bundle: bytes) -> None:
    with_more = forged(bundle, "run.csv", lambda text: text + "99,V9,1,100000,,,\n", pence=842 + 1404 + 100000)

    assert "posted with “100000” pence by the run, and stands with nothing" in checked(with_more)["entries of the run"].wrong[0]


def test_a_run_that_is_said_to_have_posted_nothing_is_told(bundle: bytes) -> None:
    emptied = forged(bundle, "run.csv", lambda text: text.splitlines(keepends=True)[0], pence=0)

    assert not checked(emptied)["entries of the run"].holds


def test_a_tap_that_is_said_to_have_come_too_late_is_told(bundle: bytes) -> None:
    def later(text: str) -> str:
        lines = [line.replace("2026-10-05T12", "2026-12-24T12") if line.split(",")[1] == "5" else line for line in text.splitlines()]
        return "\n".join(lines) + "\n"

    assert "said to have come after the last settlement" in checked(forged(bundle, "records.csv", later))["receipts"].wrong[0]


def test_a_settlement_that_leaves_out_a_part_of_the_day_is_told(bundle: bytes) -> None:
    settlements = json.loads(zipfile.ZipFile(io.BytesIO(bundle)).read(MANIFEST))["run"]["settlements"]
    shorter = [settlements[0] | {"end": "2026-10-05T08:30:00Z"}]
    without_the_last = forged(bundle, "lines.csv", lambda text: "".join(text.splitlines(keepends=True)[:-2]), settlements=shorter)

    assert "no whole days" in checked(without_the_last)["days"].wrong[0]


def test_a_bundle_without_settlements_holds_nothing(bundle: bytes) -> None:
    assert "days" in failing(forged(bundle, "run.csv", lambda text: text + "\n", settlements=[]))


def test_a_bundle_that_was_packed_again_by_another_program_holds(bundle: bytes, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(bundle)).extractall(tmp_path)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file in sorted(tmp_path.rglob("*")):  # with entries for the folders, as other programs write them
            archive.write(file, file.relative_to(tmp_path))

    assert failing(made.getvalue()) == set()


def test_a_day_that_was_not_settled_is_told_and_nothing_more(bundle: bytes) -> None:
    longer = forged(bundle, "run.csv", lambda text: text + "\n", last_day="2026-10-07")

    assert "2 of the run's days were not, first 6 October 2026" in checked(longer)["days"].says.replace("  ", " ")


def test_what_is_no_bundle_is_refused_in_words() -> None:
    with pytest.raises(NotABundle, match="cannot be unpacked"):
        unpack(b"not a zip")


def test_the_program_needs_no_database_and_says_that_all_holds(bundle: bytes, tmp_path: Path) -> None:
    file = tmp_path / "run-1.calltime.zip"
    file.write_bytes(bundle)
    program = str(Path(sys.executable).with_name("calltime"))

    good = subprocess.run([program, "verify", str(file)], capture_output=True, text=True, check=False, env={}, timeout=120)
    file.write_bytes(forged(bundle, "plan.csv", lambda text: text.replace(",30,1", ",60,1")))
    bad = subprocess.run([program, "verify", str(file)], capture_output=True, text=True, check=False, env={}, timeout=120)
    none = subprocess.run([program, "verify", str(tmp_path / "nothing")], capture_output=True, text=True, check=False, env={}, timeout=120)

    assert (good.returncode, bad.returncode, none.returncode) == (0, 1, 2)
    assert good.stdout.endswith("Everything holds.\n")
    assert "FAILED" in bad.stdout
    assert "Do not pay on this bundle" in bad.stdout
    assert "cannot be read" in none.stderr
