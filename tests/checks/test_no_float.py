"""Is every kind of float near pay found, and is there none?"""

import subprocess
import sys
from pathlib import Path

import pytest

from checks import no_float


def test_no_float_stands_near_pay() -> None:
    assert no_float.check(no_float.near_pay()) == []


def test_the_files_near_pay_are_really_looked_at() -> None:
    names = {file.name for file in no_float.near_pay()}

    assert {"price.py", "pairing.py", "settle_files.py", "2026-04-06.toml"} <= names


@pytest.mark.parametrize(
    "line",
    [
        "rate = 18.72",
        "rate = float('18.72')",
        "def cost(rate: float): ...",
        "kind = pl.Float64",
        "from polars import Float32",
        "half = minutes / 60",
        "minutes /= 60",
        "half = pl.col('minutes').truediv(60)",
        "pence = round(exact)",
        "pence = pl.col('exact').round()",
        "import math",
        "from math import floor",
    ],
)
def test_each_way_to_a_float_is_found_in_its_line(line: str) -> None:
    assert [found for found, _ in no_float.floats_in(f"import polars as pl\n{line}\n")] == [2]


def test_whole_numbers_are_left_in_peace() -> None:
    assert no_float.floats_in("pence = (2 * exact + 360_000) // 720_000\ntext = '18.72 / 60'\n") == []


def test_a_price_without_quotes_is_found_in_a_contract() -> None:
    assert no_float.floats_in_toml('[price]\n# not 18.72\nsays = "18.72"\npounds_per_hour = 18.73\n') == [(4, "the number 18.73")]


def test_the_command_names_file_and_line_and_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("a = 1\nb = a / 2\n")

    assert no_float.check([wrong]) == [f"{wrong}:2: true division stands near pay. Use whole numbers."]
    assert subprocess.run([sys.executable, no_float.__file__], check=False).returncode == 0
