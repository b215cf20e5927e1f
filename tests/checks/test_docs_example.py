"""Does the worked example of docs/running-it.md come out as it stands there, and are its columns those that the tables tell?"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

RUNNING = (Path(__file__).parents[2] / "docs/running-it.md").read_text()
FILES: dict[str, str] = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", RUNNING, re.MULTILINE | re.DOTALL))


def test_the_example_comes_out_as_it_stands_there(tmp_path: Path) -> None:
    for name in ("plan.csv", "taps.csv"):
        (tmp_path / name).write_text(FILES[name])
    command = re.search(r"^    calltime-server (settle --plan .+)$", RUNNING, re.MULTILINE)
    assert command

    words = [str(Path(sys.executable).with_name("calltime-server")), *command[1].split()]
    said = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout

    assert said == FILES["said"]
    for name in ("settled/visits.csv", "settled/lines.csv", "settled/problems.csv"):
        assert (tmp_path / name).read_text() == FILES[name], name


@pytest.mark.parametrize("name", ["plan.csv", "taps.csv", "settled/visits.csv", "settled/lines.csv", "settled/problems.csv"])
def test_the_table_of_a_file_tells_its_columns(name: str) -> None:
    section = re.search(rf"^### `{Path(name).name}`$(.*?)(?=^##|\Z)", RUNNING, re.MULTILINE | re.DOTALL)
    assert section
    rows = re.findall(r"^\| (`.+?) \|", section[1], re.MULTILINE)

    assert {column for row in rows for column in re.findall(r"`(\w+)`", row)} == set(FILES[name].split("\n", 1)[0].split(","))
