"""Does the service of a door hold what it says: units that systemd understands, little exposure, no inbound port, one writable folder?"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from calltime_sim.pn532 import Ntag213, SimulatedPn532
from calltime_sim.services.mosquitto import Mosquitto
from fixtures.edge_program import enrolled_by_hand, running
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

UNIT = Path(__file__).parents[2] / "edge" / "systemd" / "calltime-edge.service"
HOME = Ntag213(uid=bytes.fromhex("04A2315AC16680"), address="https://calltime.example/t/tag-of-h7")

EXPOSURE_AT_MOST = 2.4
"""Of 10. What is left is what a door is for: the network to reach its broker (0.8), devices (0.3), and to read the clock's state (0.2)."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it is, but for a program and a user that this machine has."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing. Run: apt-get install systemd")
    text = UNIT.read_text().replace("/usr/bin/calltime-edge run", "/bin/true").replace("User=calltime", "User=daemon")
    (tmp_path / UNIT.name).write_text(text)
    return tmp_path / UNIT.name


def test_systemd_understands_every_line_of_the_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_is_little_exposed(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_AT_MOST * 10:.0f}", unit],
        capture_output=True,
        text=True,
        check=False,
    )

    overall = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert overall
    assert done.returncode == 0, f"{overall[0]}, and at most {EXPOSURE_AT_MOST} is wanted"


def test_what_reads_the_clock_is_allowed_after_all_else_was_forbidden() -> None:
    filters = re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE)

    assert filters[-1].split() == ["adjtimex", "clock_adjtime", "clock_adjtime64"]
    assert "\nProtectClock=" not in UNIT.read_text()


def test_no_device_is_allowed_by_the_name_of_a_driver_that_is_loaded_only_when_the_device_is_plugged_in() -> None:
    """The service manager looks such a name up once, when the service starts, and leaves out what it does not find."""
    allowed = re.findall(r"^DeviceAllow=(\S+)", UNIT.read_text(), re.MULTILINE)

    assert not set(allowed) & {"char-ttyUSB", "char-ttyACM", "char-hidraw"}
    assert {"char-166", "char-188"} <= set(allowed)


def test_a_door_listens_on_no_port(tmp_path: Path, mosquitto: Mosquitto) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=mosquitto.url)
    with ScriptedGateway(mosquitto, answers_every=1) as gateway, running(folder, "--nfc", "/dev/no-such-port") as door:
        wait_until(lambda: gateway.statuses, within=20, what="the door to be online")

        assert {state for _, state in sockets_of(door.process.pid)} == {"ESTABLISHED"}
        assert door.end() == 0


def sockets_of(pid: int) -> list[tuple[str, str]]:
    """Every TCP and UDP socket of a process, as (inode, state)."""
    links = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir() if each.is_symlink()]
    inodes = {found[1] for link in links if (found := re.fullmatch(r"socket:\[(\d+)\]", link))}
    states = {"01": "ESTABLISHED", "0A": "LISTEN"}
    tables = [Path(f"/proc/{pid}/net/{kind}").read_text() for kind in ("tcp", "tcp6", "udp", "udp6")]
    rows = [line.split() for table in tables for line in table.splitlines()[1:]]
    return [(row[9], states.get(row[3], row[3])) for row in rows if row[9] in inodes]


def test_a_door_runs_from_a_read_only_root_with_one_writable_folder(tmp_path: Path, mosquitto: Mosquitto) -> None:
    folder = enrolled_by_hand(tmp_path / "edge", broker=mosquitto.url)
    confined = ("unshare", "--mount", "sh", "-ec", CONFINE, "sh", str(folder))
    tried = subprocess.run([*confined, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"a mount namespace of its own cannot be made here ({tried.stderr.strip()}). Run as root.")

    with (
        ScriptedGateway(mosquitto, answers_every=1),
        SimulatedPn532() as chip,
        running(folder, "--nfc", chip.port, inside=confined, variables={"RUNTIME_DIRECTORY": str(folder), "TMPDIR": str(folder)}) as door,
    ):
        chip.present(HOME)
        door.wait_until_it_says("✓ Started ")
        wait_until(lambda: '"waiting":0' in (folder / "state.json").read_text(), within=20, what="the receipt")
        written = subprocess.run([*confined, "touch", str(tmp_path / "beside-it")], capture_output=True, check=False)
        assert written.returncode != 0
        assert door.end() == 0


CONFINE = """
mount --make-rprivate /
mount --bind "$1" "$1"
awk '$5 != folder && $5 !~ "^/(proc|sys|dev)(/|$)" { print $5 }' folder="$1" /proc/self/mountinfo | while read -r place; do
    mount -o remount,bind,ro "$place"
done
shift
exec "$@"
"""
"""Everything read-only but the folder that is named first; then the words that follow."""
