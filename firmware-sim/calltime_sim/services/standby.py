"""How does a second database follow a first one, word for word, and take its place? By streaming replication, promoted when told."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from calltime_sim.services.service import ANSWERS_WITHIN_SECONDS, LOOK_AGAIN_SECONDS, ServiceTrouble
from calltime_sim.services.timescaledb import TimescaleDb


class Standby(TimescaleDb):
    """A copy of a running primary, made at its first start, that follows it from then on. It is read-only until it is promoted."""

    name = "standby"

    def __init__(self, folder: Path, primary: TimescaleDb) -> None:
        super().__init__(folder, durable=primary.durable)
        self._primary = primary

    def maker(self) -> Sequence[str]:
        where = ["-h", self._primary.address, "-p", str(self._primary.port), "-U", "postgres"]
        return ["pg_basebackup", *where, "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]

    def settings(self) -> Mapping[str, str]:
        """By `cluster_name` the primary knows who follows it."""
        return {**super().settings(), "cluster_name": self.name}

    def insist(self) -> None:
        """Let no commit of the primary succeed from now on before it is on disk here, too."""
        self._primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '{self.name}'")
        self._primary.ask("SELECT pg_reload_conf()")
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while self._primary.ask("SELECT sync_state FROM pg_stat_replication") != "sync":
            if time.monotonic() > deadline:
                raise ServiceTrouble(f"{self.name} does not follow its primary. The end of its log ({self.log}):\n{self.log_tail()}")
            time.sleep(LOOK_AGAIN_SECONDS)

    def promote(self) -> None:
        """Follow nobody any more, and take writes. Whoever promotes makes sure that the old primary is gone, or is let near nobody."""
        self.ask("SELECT pg_promote()")
