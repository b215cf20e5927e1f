"""Does the bench of settling still measure what there is? A council so small that only its counts and sums mean something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.settle_council import council
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.missing_parts import need

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[str, Any]]:
    """What one run of the bench prints, by the name of the figure."""
    need(TimescaleDb)
    words = [sys.executable, "-m", "bench.settle", "--short"]
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {line["bench"]: line for line in map(json.loads, done.stdout.splitlines())}


def test_on_clean_data_the_path_and_both_scripts_by_hand_come_to_the_same_pence(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["clean data: pence that the three do not agree on"]["value"] == 0
    assert figures["clean data: what the three come to"]["value"] > 0


def test_every_figure_says_what_it_measures_and_in_what(figures: dict[str, dict[str, Any]]) -> None:
    assert all({"bench", "value", "unit", "target"} <= line.keys() for line in figures.values())


@pytest.mark.parametrize("who", ["ours", "ours with words", "by hand in Polars", "by hand in DuckDB"])
def test_everybody_is_measured_at_every_size(figures: dict[str, dict[str, Any]], who: str) -> None:
    for size in ("1×", "2×"):
        assert figures[f"frames → lines, {size}, {who}"]["value"] > 0
        assert figures[f"memory, {size}, {who}"]["value"] > 0


def test_a_year_and_the_way_to_the_closed_ledger_are_measured(figures: dict[str, dict[str, Any]]) -> None:
    assert figures["a year decided again"]["value"] > 0
    assert figures["from the database to the closed ledger"]["value"] > 0
    assert figures["lines that settling again adds"]["value"] == 0


def test_a_council_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    one, again, other = (council(users=20, weeks=1, seed=seed) for seed in (7, 7, 8))

    assert one.plan.equals(again.plan)
    assert one.taps.equals(again.taps)
    assert not one.taps.equals(other.taps)


def test_a_council_has_all_that_goes_wrong_and_a_clean_one_nothing_of_it() -> None:
    troubled, clean = council(users=100, weeks=1), council(users=100, weeks=1, clean=True)

    counts = troubled.taps["action"].value_counts().sort("action")["count"].to_list()
    assert counts[0] != counts[1]  # ends are missing, and there are slips of the hand
    assert troubled.taps.height > troubled.taps.unique().height  # sent again
    assert not troubled.taps["time"].is_sorted()
    assert troubled.plan["carers"].max() == 2
    assert clean.taps.height == 2 * clean.plan.height
    assert clean.taps.filter(pl.col("action") == "start").height == clean.plan.height


def test_on_average_a_visit_is_half_an_hour_as_in_cornwall() -> None:
    plan = council(users=100).plan

    # 14 % of 15 min, 74 % of 30, 8 % of 45 and 4 % of 60: 2.1 + 22.2 + 3.6 + 2.4 = 30.3 min.
    assert 302 * plan.height < 10 * plan["planned_minutes"].sum() < 304 * plan.height
