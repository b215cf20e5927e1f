"""How does a real Mosquitto run beside us? Anonymous and on loopback only: for tests and the demo, never for service."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from calltime_sim.services.broker import Broker
from calltime_sim.services.service import free_port

# They are opened in this order: who waits for the last one finds the other open.
# Beyond its default of 1,000 queued messages it silently drops what it has acknowledged; autosave bounds what a kill loses.
SETTINGS = """\
listener {ws_port} {host}
protocol websockets
allow_anonymous true
listener {port} {host}
allow_anonymous true
user {user}
persistence true
persistence_location {folder}/
autosave_interval 5
max_inflight_messages 6000
max_queued_messages 1000000
max_queued_bytes 0
log_dest stderr
"""


def _program() -> str | None:
    # Debian installs it where only root's PATH looks.
    return shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


class Mosquitto(Broker):
    """Keeps sessions, queues and retained messages in its folder over `stop`; a `kill` loses at most the last five seconds."""

    name = "mosquitto"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ws_port = free_port()

    @property
    def ws_url(self) -> str:
        return f"ws://{self.host}:{self.ws_port}"

    @classmethod
    def available(cls) -> str | None:
        if _program() is None:
            return "The broker mosquitto was not found on the PATH or in /usr/sbin. Install it: apt-get install mosquitto"
        return None

    @classmethod
    def version(cls) -> str:
        said = subprocess.run([_program() or "mosquitto", "-h"], stdout=subprocess.PIPE, text=True, check=False).stdout
        return said.partition("\n")[0].rpartition(" ")[2]

    def prepare(self) -> None:
        super().prepare()
        user = "root" if os.geteuid() == 0 else "mosquitto"  # heeded only when root starts it: who started it owns the folder
        ports = {"port": self.port, "ws_port": self.ws_port}
        self.settings_file.write_text(SETTINGS.format(host=self.host, **ports, user=user, folder=self.folder))

    def command(self) -> Sequence[str]:
        return [_program() or "mosquitto", "-c", str(self.settings_file)]

    @property
    def settings_file(self) -> Path:
        return self.folder / "mosquitto.conf"
