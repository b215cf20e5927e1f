"""Do several processes serve the same pages? And is none left behind when the office closes, or is killed?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from calltime_sim.services.programs import Server, need_port
from calltime_sim.services.service import ServiceTrouble
from fixtures.waiting import wait_until


@pytest.fixture
def office(postgres_database: str, tmp_path: Path) -> Iterator[Server]:
    """An office of which two processes serve pages."""
    server = Server(tmp_path, {"CALLTIME_DATABASE": postgres_database})
    server.words = (*server.words, "--processes", "2")
    with server:
        wait_until(lambda: len(those_who_serve(server)) == 2, within=30, what="two processes at the port")
        yield server


def those_who_serve(server: Server) -> set[int]:
    """The processes that hold the port at which this office listens."""
    listening = f"{server.port:04X}"
    inodes = {
        words[9]
        for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
        if (words := line.split())[1].endswith(f":{listening}") and words[3] == "0A"
    }
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if any(str(each.readlink()) in {f"socket:[{inode}]" for inode in inodes} for each in (process / "fd").iterdir()):
                found.add(int(process.name))
    return found


def ask(server: Server) -> int:
    """Over a connection of its own, which whichever process is free takes."""
    return httpx.get(f"{server.url}/healthz", timeout=30).status_code


def is_free(server: Server) -> bool:
    try:
        need_port(server.host, server.port)
    except ServiceTrouble:
        return False
    return True


def test_for_one_that_is_killed_another_is_started(office: Server) -> None:
    before = those_who_serve(office)
    killed = max(before)  # not the first, which the others belong to
    os.kill(killed, signal.SIGKILL)

    assert [ask(office) for _ in range(20)] == [200] * 20
    wait_until(lambda: len(those_who_serve(office) - {killed}) == 2, within=30, what="another process at the port")


def test_none_is_left_when_the_office_closes_with_a_page_open(office: Server) -> None:
    with closing(httpx.Client(base_url=office.url, timeout=30)) as kept:
        assert kept.get("/healthz").status_code == 200
        office.stop()

    assert those_who_serve(office) == set()
    assert is_free(office)


def test_none_is_left_when_the_first_is_killed(office: Server) -> None:
    first = min(those_who_serve(office))
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: is_free(office), within=30, what="the port to be free")
