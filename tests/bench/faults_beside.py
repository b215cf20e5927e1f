"""Who runs beside the gateway for comparison? Scripts under a supervisor, and a publisher that remembers what was acknowledged to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from psycopg import sql

from bench import faults_script
from bench.faults_script import TOPIC, table_of
from fixtures.waiting import wait_until

RESTARTED_AFTER = 1.0
"""Seconds that a supervisor waits."""
BODY = "x" * 400
"""About as long as a record."""


class Supervised:
    """A script that is started again whenever it ends."""

    def __init__(self, style: str, *, port: int, dsn: str, folder: Path) -> None:
        self.style, self._dsn = style, dsn
        self._log = folder / f"{table_of(style)}.log"
        self._words = [sys.executable, faults_script.__file__, str(port), dsn, style]
        self._process: subprocess.Popen[bytes] | None = None
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._keep_running, name=style)

    def start(self) -> None:
        with psycopg.connect(self._dsn) as connection:
            connection.execute(sql.SQL("CREATE TABLE {} (id text, body text)").format(sql.Identifier(table_of(self.style))))
        self._keeper.start()
        wait_until(lambda: self._log.exists() and "listening" in self._log.read_text(), within=20, what=f"the script, {self.style}")

    def kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        self._stop.set()
        self.kill()
        self._keeper.join(10)

    def stored(self) -> list[str]:
        """The id of every row."""
        with psycopg.connect(self._dsn) as connection:
            rows = connection.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(table_of(self.style)))).fetchall()
        return [str(each) for (each,) in rows]

    def _keep_running(self) -> None:
        while not self._stop.is_set():
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(self._words, stdout=log, stderr=log)
            self._process.wait()
            self._stop.wait(RESTARTED_AFTER)


class Publisher:
    """Publishes unsigned messages of unique ids, QoS 1, at an even rate until `finish`."""

    def __init__(self, port: int, *, per_second: int) -> None:
        self._said: dict[int, str] = {}
        self._acknowledged: set[int] = set()
        self._pause = 1 / per_second
        self._stop = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="publisher", clean_session=False)
        self._client.max_inflight_messages_set(200)
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_publish = lambda _, __, mid, *___: self._acknowledged.add(mid)
        self._client.connect("127.0.0.1", port)
        self._thread = threading.Thread(target=self._publish, name="publisher")

    def start(self) -> None:
        self._client.loop_start()
        self._thread.start()

    def finish(self) -> set[str]:
        """Say no more, wait for the broker, and return the ids that it acknowledged."""
        self._stop.set()
        self._thread.join(10)
        wait_until(lambda: self._said.keys() <= self._acknowledged, within=30, what="the broker to acknowledge the messages")
        self._client.disconnect()
        self._client.loop_stop()
        return set(self._said.values())

    def _publish(self) -> None:
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            which = str(uuid.uuid4())
            # Without a connection paho keeps it and sends it later.
            self._said[self._client.publish(TOPIC, json.dumps({"id": which, "body": BODY}), qos=1).mid] = which
            due += self._pause
