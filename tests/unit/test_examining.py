"""What does the doctor make of facts that a test cannot easily bring about?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from calltime_server.jobs.examine import examine_jobs, examine_post, examine_record, examine_server
from calltime_server.store.edition import Edition, Found
from calltime_server.store.examining import Job, Post, Record, Server

NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
FOUND = Found(edition=Edition.COMMUNITY, postgresql="17.2", timescaledb="2.19.3")
SERVER = Server(
    fsync=True, full_page_writes=True, synchronous_commit="on", checksums=True, archives=True, is_replica=False, standbys=1,
    synchronous_standbys=1, waits_for="one", shared_buffers=2**30, size=2**34, clock=NOW,
)  # fmt: skip
RECORD = Record(interval=timedelta(days=7), chunks=3, newest_indexes=2**20, unguarded=(), tended_at=NOW, forgotten_before=None)


def judged(server: Server, *, ahead: timedelta = timedelta()) -> dict[str, tuple[str, str]]:
    return {finding.what: (finding.level, finding.says) for finding in examine_server(FOUND, server, ahead=ahead)}


def test_a_server_with_a_synchronous_standby_and_an_archive_needs_nothing() -> None:
    assert {level for level, _ in judged(SERVER).values()} == {"ok"}


@pytest.mark.parametrize(
    ("changes", "what", "level"),
    [
        ({"synchronous_commit": "off"}, "commits", "RISK"),
        ({"full_page_writes": False}, "commits", "RISK"),
        ({"is_replica": True}, "primary", "RISK"),
        ({"synchronous_standbys": 0}, "standby", "RISK"),
        ({"synchronous_commit": "local"}, "standby", "RISK"),
        ({"waits_for": "ANY 2 (a, b)"}, "standby", "RISK"),
        ({"waits_for": "first 2 (a, b)"}, "standby", "RISK"),
        ({"waits_for": "2 (a, b)"}, "standby", "RISK"),
        ({"waits_for": "*", "synchronous_standbys": 0}, "standby", "RISK"),
        ({"waits_for": "ANY 2 (a, b, c)", "synchronous_standbys": 2, "standbys": 2}, "standby", "ok"),
        ({"waits_for": "a, b"}, "standby", "ok"),
        ({"synchronous_commit": "remote_write"}, "commits", "note"),
        ({"synchronous_standbys": 0, "waits_for": ""}, "standby", "note"),
        ({"synchronous_standbys": 0, "waits_for": "", "standbys": 0}, "standby", "note"),
        ({"archives": False}, "archive", "note"),
        ({"checksums": False}, "checksums", "note"),
    ],
)
def test_each_way_to_lose_what_was_receipted_is_told(changes: dict[str, object], what: str, level: str) -> None:
    assert judged(replace(SERVER, **changes))[what][0] == level  # type: ignore[arg-type]  # a value for each field's own type


@pytest.mark.parametrize(("seconds", "side"), [(90, "90 s ahead of"), (-90, "90 s behind")])
def test_two_clocks_that_disagree_are_told_with_the_side(seconds: int, side: str) -> None:
    level, says = judged(SERVER, ahead=timedelta(seconds=seconds))["clock"]

    assert level == "RISK"
    assert side in says


def test_indexes_that_do_not_fit_into_memory_are_told() -> None:
    crowded = replace(RECORD, newest_indexes=2**29)
    found = {f.what: f for f in examine_record(FOUND, SERVER, crowded, now=NOW, keep_years=None)}

    assert found["chunks"].level == "note"
    assert "(512 MB) crowd shared_buffers (1,024 MB)" in found["chunks"].says


def test_a_job_that_fails_is_told_with_its_last_good_run() -> None:
    failed, fresh = examine_jobs([Job(name="compression", last_good=NOW, failed=True), Job(name="hours", last_good=None, failed=False)])

    assert failed.level == "note"
    assert "last good run: 2026-10-05 12:00Z" in failed.says
    assert fresh.says.endswith("never yet")


def test_records_behind_a_gap_are_told() -> None:
    post = Post(gateway_keys=1, doors=5, never_heard=0, silent=0, with_gaps=2, quarantined=0)

    assert {finding.what: finding.level for finding in examine_post(post)} == {
        "gateway": "ok",
        "doors": "ok",
        "gaps": "note",
        "quarantine": "ok",
    }
