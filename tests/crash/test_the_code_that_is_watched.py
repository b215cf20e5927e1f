"""Is the code whose crashes are looked at the code that is tested here, and not one that was installed from elsewhere?"""

from pathlib import Path

import calltime_edge
import calltime_wire
from crash import watched_disk


def test_a_watched_process_runs_the_code_that_this_one_runs(library: Path, tmp_path: Path) -> None:
    assert watched_disk.run(library, tmp_path, "whose-code") == [f"{calltime_edge.__file__} {calltime_wire.__file__}"]
