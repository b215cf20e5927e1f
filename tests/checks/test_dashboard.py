"""Do dashboard and alerts ask for figures that the gateway has, and is every figure looked at by one of them?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from calltime_gateway.figures import Figures
from calltime_wire.broker_address import parse

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/calltime-gateway.json").read_text())
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
PROMETHEUS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((DEPLOY / "prometheus-rules.yml").read_text())["groups"] for rule in group["rules"]
]
NAME = re.compile(r"\b(?:calltime_gateway|process)_[a-z_]+")
UNITS = {"short", "s", "reqps", "bytes", "percentunit"}


def shown() -> set[str]:
    """The names under which the gateway shows its figures; a histogram is asked for by its buckets."""
    figures = Figures()
    figures.broker(parse("mqtt://127.0.0.1"), connected=True)
    figures.unreceipted(0)
    samples = {(metric.type, sample.name) for metric in figures.registry.collect() for sample in metric.samples}
    return {name for kind, name in samples if kind != "histogram" or name.endswith("_bucket")}


def asked_by_the_dashboard() -> Iterator[str]:
    for panel in PANELS:
        yield from (target["expr"] for target in panel["targets"])
    yield from (variable["query"]["query"] for variable in DASHBOARD["templating"]["list"] if variable["type"] == "query")


def names(asked: Iterator[str]) -> set[str]:
    return {name for expression in asked for name in NAME.findall(expression)}


def test_every_figure_of_the_gateway_is_on_the_dashboard_and_nothing_else_is() -> None:
    asked = names(asked_by_the_dashboard())

    assert asked <= shown()
    assert {name for name in shown() if name.startswith("calltime_")} <= asked


def test_every_alert_asks_for_figures_that_there_are() -> None:
    assert names(alert["expr"] for alert in ALERTS) <= shown()


def test_every_alert_says_what_and_what_next() -> None:
    assert len({alert["alert"] for alert in ALERTS}) == len(ALERTS)
    for alert in ALERTS:
        assert alert["labels"]["severity"] in {"critical", "warning"}
        assert alert["annotations"]["summary"].endswith(".")
        assert re.search(r"\b(Look|look|See|Compare)\b", alert["annotations"]["description"]), alert["alert"]


def test_alerts_and_dashboard_look_for_the_job_that_prometheus_is_told() -> None:
    [job] = PROMETHEUS["scrape_configs"]
    expressions = [*asked_by_the_dashboard(), *(alert["expr"] for alert in ALERTS)]

    assert PROMETHEUS["rule_files"] == ["prometheus-rules.yml"]
    assert {asked for one in expressions for asked in re.findall(r'job="([^"]*)"', one)} == {job["job_name"]}


def test_every_panel_has_a_place_of_its_own_a_unit_and_a_sentence() -> None:
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    for panel in PANELS:
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        assert panel["description"].endswith(".")
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    for one, another in combinations((panel["gridPos"] for panel in PANELS), 2):
        assert (
            one["x"] + one["w"] <= another["x"]
            or another["x"] + another["w"] <= one["x"]
            or one["y"] + one["h"] <= another["y"]
            or another["y"] + another["h"] <= one["y"]
        )
