"""Does the Debian package of a door install on a bare Debian 12, update, and never throw away what was not sent?"""

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from calltime_edge import door_key
from calltime_edge.agent import Agent
from calltime_edge.clock import SystemClock
from calltime_edge.feedback import make
from calltime_edge.outbox import Outbox
from fixtures.doors import enrolled
from fixtures.edge_program import enrolled_by_hand

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "edge" / "packaging"
BARE = Path("/var/cache/calltime/bookworm-door")
"""A bare Debian 12 with what the package depends on; kept between runs."""


def pins(lock: Path) -> dict[str, frozenset[str]]:
    """Each pinned package with its hashes."""
    blocks = re.split(r"\n(?=\S)", lock.read_text())
    return {block.split()[0]: frozenset(re.findall(r"sha256:\w+", block)) for block in blocks if "==" in block}


def test_a_door_installs_only_what_the_whole_project_has_pinned() -> None:
    whole, edge = pins(ROOT / "requirements.lock"), pins(PACKAGING / "requirements.lock")

    assert edge.items() <= whole.items()
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*extras["dependencies"], *extras["optional-dependencies"]["edge"], *extras["optional-dependencies"]["pi"]]
    assert {re.split(r"[>=;\[]", each)[0] for each in wanted} <= {name.split("==")[0] for name in edge}
    assert not {"psycopg", "polars", "fastapi", "cryptography"} & {name.split("==")[0] for name in edge}


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_the_scripts_of_the_package_are_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", PACKAGING / "debian" / script], check=True)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("dpkg-deb") is None or not Path("/usr/bin/python3.11").exists():
        pytest.skip("dpkg-deb or Debian's own /usr/bin/python3.11 is missing. Run on Debian 12: apt-get install dpkg-dev python3.11")
    made = subprocess.run([PACKAGING / "build-deb", tmp_path_factory.mktemp("deb")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.split()[-1])


def contents(package: Path) -> set[str]:
    listed = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True).stdout
    return {line.split()[5].removeprefix(".") for line in listed.splitlines()}


def test_the_package_brings_a_door_and_nothing_of_the_office(package: Path) -> None:
    brought = contents(package)

    assert {
        "/usr/bin/calltime-edge",
        "/lib/systemd/system/calltime-edge.service",
        "/lib/udev/rules.d/60-calltime-edge.rules",
        "/lib/modprobe.d/calltime-edge.conf",
        "/usr/share/calltime-edge/calltime-edge.toml",
        "/usr/share/doc/calltime-edge/copyright",
    } <= brought
    assert any(each.endswith("calltime_edge/words/cy/LC_MESSAGES/door.mo") for each in brought)
    assert any(each.endswith("calltime_edge/__pycache__/cli.cpython-311.pyc") for each in brought)
    assert not [each for each in brought if re.search(r"calltime_(server|gateway|sim)/|/polars/|/fastapi/", each)]
    assert not [each for each in brought if each.startswith(("/usr/local", "/var", "/home", "/root", "/etc"))]


@pytest.fixture
def machine(package: Path, tmp_path: Path) -> Iterator["Machine"]:
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("a bare Debian is made by root with debootstrap. Run as root: apt-get install debootstrap")
    make_bare_debian()
    over = tmp_path / "machine"
    for each in ("upper", "work", "root"):
        (over / each).mkdir(parents=True)
    layers = f"lowerdir={BARE},upperdir={over / 'upper'},workdir={over / 'work'}"
    mounted = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", layers, over / "root"], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a layer over the bare Debian cannot be mounted here: {mounted.stderr.strip()}")
    try:
        shutil.copy(package, over / "root" / "door.deb")
        yield Machine(over / "root")
    finally:
        subprocess.run(["umount", over / "root"], check=True)


def make_bare_debian() -> None:
    if BARE.exists():
        return
    targets = ["apt-get", "indextargets", "--format", "$(SITE) $(LABEL)", "Created-By: Packages"]
    sites = subprocess.run(targets, capture_output=True, text=True, check=True).stdout.splitlines()
    mirror = next((line.split()[0] for line in sites if line.split()[1:] == ["Debian"]), None)
    if mirror is None:
        pytest.skip("apt knows no Debian mirror, or has not read it yet. Run: apt-get update")
    new = BARE.with_name(f"{BARE.name}.{os.getpid()}")
    new.parent.mkdir(parents=True, exist_ok=True)
    made = [
        "debootstrap",
        "--variant=minbase",
        "--include=python3.11,adduser,libusb-1.0-0,ca-certificates,systemd",
        "bookworm",
        str(new),
        mirror,
    ]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(new, ignore_errors=True)
        pytest.skip(f"debootstrap could not make a bare Debian 12 from {mirror}: {done.stdout.splitlines()[-1:]}")
    new.rename(BARE)


class Machine:
    """A bare Debian 12, into which the package can be put."""

    folder = "var/lib/calltime-edge"

    def __init__(self, root: Path) -> None:
        self.root = root

    def do(self, *words: str, ends: int = 0) -> str:
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["chroot", self.root, *words], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == ends, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def has(self, path: str) -> bool:
        return os.path.lexists(self.root / path)

    def add_a_record(self) -> None:
        """As a door would that has run here once."""
        folder = self.root / self.folder
        enrolled_by_hand(folder, broker="mqtt://127.0.0.1:1")
        outbox = Outbox(folder / "outbox.sqlite")
        signer, whose = door_key.load_or_make(folder), enrolled(carer="C12")
        Agent(enrolled=whose, signer=signer, outbox=outbox, clock=SystemClock(), feedback=make(), recorded=lambda: None).begin()
        outbox.close()


def test_the_package_installs_updates_and_keeps_what_was_not_sent(machine: Machine) -> None:
    said = machine.do("dpkg", "--install", "/door.deb")
    assert "this door is not enrolled yet. Next: sudo calltime-edge enrol CODE" in said
    assert machine.has("etc/systemd/system/multi-user.target.wants/calltime-edge.service")
    assert {"dialout", "gpio", "i2c", "input", "plugdev"} <= set(machine.do("id", "-nG", "calltime").split())
    assert machine.do("stat", "-c", "%U %a", f"/{machine.folder}").split() == ["calltime", "700"]
    assert "This door is not enrolled yet." in " ".join(machine.do("calltime-edge", "check", "--no-tag", ends=1).split())
    readers = (
        "from calltime_edge.readers import making; [making.make(kind, '/dev/x', hold_seconds=3.0, baud=9600) for kind in making.KINDS]"
    )
    machine.do("/opt/calltime-edge/bin/python3.11", "-I", "-c", f"{readers}; import gpiozero, luma.oled.device")

    machine.add_a_record()
    (machine.root / "etc/calltime-edge.toml").write_text('language = "cy"\n')
    machine.do("dpkg", "--install", "/door.deb")
    assert (machine.root / "etc/calltime-edge.toml").read_text() == 'language = "cy"\n'
    assert machine.has(f"{machine.folder}/outbox.sqlite")
    assert "what the office has not: 1 record." in machine.do("dpkg", "--remove", "calltime-edge")
    assert machine.has("etc/calltime-edge.toml")
    assert "is kept: it holds what the office has not (1 record)" in machine.do("dpkg", "--purge", "calltime-edge")
    assert machine.has(f"{machine.folder}/outbox.sqlite")
    assert machine.has(f"{machine.folder}/door.key")
    assert not machine.has("etc/calltime-edge.toml")
    assert not machine.has("etc/systemd/system/multi-user.target.wants/calltime-edge.service")
    assert not machine.has("opt/calltime-edge")


def test_a_door_that_was_wiped_leaves_nothing_behind(machine: Machine) -> None:
    machine.do("dpkg", "--install", "/door.deb")
    machine.do("dpkg", "--purge", "calltime-edge")

    assert not machine.has(machine.folder)


def test_a_memory_that_was_set_aside_or_is_half_gone_is_never_purged(machine: Machine) -> None:
    machine.do("dpkg", "--install", "/door.deb")
    machine.add_a_record()
    (machine.root / machine.folder / "outbox.sqlite").unlink()  # its mark is still there

    assert "nobody can say how many records" in machine.do("dpkg", "--purge", "calltime-edge")
    assert machine.has(f"{machine.folder}/outbox.mark")
