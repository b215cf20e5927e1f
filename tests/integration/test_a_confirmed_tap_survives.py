"""Is a tap that was confirmed still there when the door was killed at that moment?"""

import os
import random
import subprocess
import sys
from pathlib import Path

from calltime_edge.outbox import Outbox
from fixtures import door_without_rest
from fixtures.doors import admitted

KILLS = 12


def tap_until_killed(folder: Path, *, taps: int) -> list[int]:
    """Run a door, kill it when it has confirmed so many taps, and return all the numbers that it confirmed."""
    environment = {**os.environ, "PYTHONPATH": str(Path(door_without_rest.__file__).parents[1])}
    words = [sys.executable, door_without_rest.__file__, str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as door:
        assert door.stdout is not None
        confirmed = [door.stdout.readline() for _ in range(taps)]
        door.kill()
        # What it said before it died is still in the pipe.
        confirmed += [line for line in door.stdout if line.endswith("\n")]
    return [int(line) for line in confirmed]


def test_whatever_moment_a_door_is_killed_at_every_confirmed_tap_is_kept_and_the_chain_goes_on(tmp_path: Path) -> None:
    kept = 0
    for _ in range(KILLS):
        confirmed = tap_until_killed(tmp_path, taps=random.randint(1, 60))

        assert confirmed == list(range(kept + 1, kept + 1 + len(confirmed)))
        outbox = Outbox(tmp_path / "outbox.sqlite")
        # One more than was confirmed may be there: killed after the record was safe and before anybody was told.
        kept = len(admitted(outbox))
        outbox.close()
        assert kept - confirmed[-1] in {0, 1}
