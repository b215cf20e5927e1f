"""Does a newcomer get into the office of the demo by what it prints, as it stands there?"""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from calltime_sim import ways_in
from calltime_sim.demo import refuse_the_future
from calltime_sim.office import Office
from calltime_sim.town import TownTrouble
from fixtures.small_day import SmallDay

URL = "http://127.0.0.1:8080"


@pytest.fixture
def demo(small_day: SmallDay) -> Office:
    office = Office({"CALLTIME_DATABASE": small_day.dsn, "CALLTIME_BROKER": "mqtt://127.0.0.1:1883"})
    with psycopg.connect(small_day.dsn) as connection:
        # The plan names whom the coordinator works for, as the published rota does in the demo.
        connection.execute(
            "INSERT INTO planned_visit VALUES ('demo', 'S9', %s, 'Z1', 'care', '2026-10-05T12:00Z', 30, 1)", (ways_in.PROVIDER,)
        )
    ways_in.make_accounts(office)
    return office


def test_everybody_who_works_in_the_office_gets_a_link_that_leads_there(demo: Office) -> None:
    found = dict(ways_in.links(demo, URL))

    assert [says.partition(":")[0] for says in found] == ["Council officer", "Approver", "Coordinator", "Auditor", "Administrator"]
    assert all(link.startswith(f"{URL}/") for link in found.values())


def test_the_command_for_another_link_works_as_it_is_printed(demo: Office) -> None:
    typed = "\n".join([*ways_in.settings(demo), ways_in.command_for_a_link(URL)])
    done = subprocess.run(["/bin/sh", "-c", typed], env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{URL}/")


def test_a_program_inside_this_folder_is_called_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = shlex.split(ways_in.typed("calltime-server"))
    found = Path(program).absolute()
    monkeypatch.chdir(found.parent.parent)

    assert ways_in.typed("calltime-server") == "bin/calltime-server"


def test_a_clock_before_the_day_that_is_played_says_what_to_do() -> None:
    with pytest.raises(
        TownTrouble, match=r"shows 07:00 on 4 October 2026 \(UTC\), and the demo plays 5 October 2026.*set it.*day after on"
    ):
        refuse_the_future(datetime(2026, 10, 5, 21, 0, tzinfo=UTC), now=datetime(2026, 10, 4, 7, 0, tzinfo=UTC))
