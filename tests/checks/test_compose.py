"""Would docker-compose.yml start here? No Docker is asked: its commands, files, health checks and secrets are held against the checkout."""

import re
import subprocess
import sys
import tomllib
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import yaml

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import ask_server
from fixtures.callers import Caller
from fixtures.guarded_brokers import StrictMosquitto
from fixtures.missing_parts import need

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SCRIPTS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
ONE_SHOT = "no"


def commands() -> list[list[str]]:
    """Every command of ours: what services run, and health checks that call one of our programs."""
    checks = [service["healthcheck"]["test"][1:] for service in SERVICES.values() if "healthcheck" in service]
    return [SERVICES[name]["command"] for name in OURS] + [check for check in checks if check[0] in SCRIPTS]


def help_of(command: list[str]) -> str:
    """What the real program says of this subcommand."""
    subcommand = takewhile(re.compile(r"[a-z]+").fullmatch, command[1:])
    words = [str(Path(sys.executable).with_name(command[0])), *subcommand, "--help"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 0, f"{' '.join(words)} ended with {said.returncode}:\n{said.stderr}"
    return said.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_or_runs_once(name: str) -> None:
    service = SERVICES[name]

    assert ("healthcheck" in service) != (service["restart"] == ONE_SHOT)


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_every_command_is_one_that_the_program_knows(command: list[str]) -> None:
    assert command[0] in SCRIPTS, f"{command[0]} is no console script of pyproject.toml"
    said = help_of(command)

    for word in command[2:]:
        assert not word.startswith("--") or word.partition("=")[0] in said, f"{command[0]} {command[1]} has no {word}"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_can_happen(name: str) -> None:
    for other, waited in SERVICES[name].get("depends_on", {}).items():
        runs_once = SERVICES[other]["restart"] == ONE_SHOT
        assert waited["condition"] == ("service_completed_successfully" if runs_once else "service_healthy")


@pytest.mark.parametrize("name", SERVICES)
def test_every_mount_is_a_file_or_folder_of_the_checkout_or_a_named_volume(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        source, *_ = volume.split(":")
        assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


@pytest.mark.parametrize(("account", "seen_by"), [("office", "server"), ("gateway", "gateway"), ("monitor", "mosquitto")])
def test_a_password_of_the_broker_is_seen_by_who_needs_it_alone(account: str, seen_by: str) -> None:
    mounts = {(name, volume.split(":")[0]) for name in SERVICES for volume in SERVICES[name].get("volumes", [])}

    assert {name for name, volume in mounts if volume == f"{account}-password"} == {"broker-config", seen_by}
    assert {name for name, volume in mounts if volume == "broker"} == {"broker-config", "mosquitto"}
    assert f"/passwords/{account}" in (ROOT / "Dockerfile").read_text()  # else the volume would be root's, and nobody could write it


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_has_a_version(name: str) -> None:
    assert re.search(r":(?!latest)[\w.-]+$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_has_a_default(name: str) -> None:
    for setting, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN", setting) and not setting.endswith("_FILE"):
            assert re.fullmatch(r"\$\{\w+:\?.+\}", value), f"{setting} of {name} must come from .env and have no default"
        assert not re.search(r"://[^/@]*:[^/@]*@", value), f"{setting} of {name} holds a password"


def test_every_variable_is_in_the_example_and_no_secret_is_filled_in() -> None:
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert set(example) == used
    assert example["CALLTIME_DATABASE_PASSWORD"] == ""


def test_the_image_is_built_from_files_that_exist_and_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert all((ROOT / name).exists() for name in copied)
    assert set(copied) == allowed
    assert [line for line in lines if line.startswith("USER ")] == ["USER calltime"]
    assert any("--require-hashes" in line for line in lines)


def test_a_real_mosquitto_starts_with_the_configuration_that_is_made_for_the_container(postgres_database: str, tmp_path: Path) -> None:
    need(Mosquitto)
    (tmp_path / "certificates").mkdir()

    class AsDeployed(StrictMosquitto):
        def prepare(self) -> None:
            self.folder.mkdir()
            moved = {
                "=0.0.0.0": f"={self.host}",
                "/certificates": str(tmp_path / "certificates"),
                "/passwords": str(tmp_path / "broker/passwords"),
                "/var/lib/calltime": str(self.folder),
            }
            words = [word for word in SERVICES["broker-config"]["command"][1:] if not word.startswith("--plugin")]
            for ours, theirs in moved.items():
                words = [word.replace(ours, theirs) for word in words]
            ask_server([*words, f"--plain-port={self.port}"], {"CALLTIME_DATABASE": postgres_database})
            with self.settings_file.open("a") as settings:
                settings.write("user root\n")

    with AsDeployed(tmp_path / "broker") as broker:
        password = (broker.folder / "passwords/monitor/password").read_text().strip()
        with Caller(broker.port, "monitor", password) as monitor:
            assert monitor.hears("$SYS/broker/version")
            monitor.wait_for(1)
