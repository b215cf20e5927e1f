"""What do most people write? A script that does one INSERT and COMMIT for each message, run as `faults_script.py PORT DSN STYLE`.

Unsigned messages, paho, no batching. `plain`: nothing more. `persistent`: with a session that the broker keeps, so that a supervisor may
restart it. `persistent, try`: which does not let an error of the database end it. Its table is named after its style.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from psycopg import sql

TOPIC = "script/records"
STYLES = ("plain", "persistent", "persistent, try")


def table_of(style: str) -> str:
    return "script_" + style.replace(", ", "_")


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


class Script:
    """The whole of it."""

    def __init__(self, dsn: str, style: str) -> None:
        self._dsn, self._table = dsn, table_of(style)
        self._database = psycopg.connect(dsn)
        keeps_nothing = style == "plain"
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self._table, clean_session=keeps_nothing)
        self._client.on_connect = lambda client, *_: client.subscribe(TOPIC, qos=1)
        self._client.on_subscribe = lambda *_: say("listening")
        self._client.on_message = self._try_to_insert if style.endswith("try") else self._insert

    def run(self, port: int) -> None:
        self._client.connect("127.0.0.1", port)
        self._client.loop_forever()

    def _insert(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        known = json.loads(message.payload)
        insert = sql.SQL("INSERT INTO {} (id, body) VALUES (%s, %s)").format(sql.Identifier(self._table))
        self._database.execute(insert, (known["id"], known["body"]))
        self._database.commit()

    def _try_to_insert(self, client: Any, data: Any, message: paho.MQTTMessage) -> None:
        try:
            if self._database.closed:
                self._database = psycopg.connect(self._dsn)
            self._insert(client, data, message)
        except psycopg.Error as error:
            say(f"could not store a message: {error}")


if __name__ == "__main__":
    Script(sys.argv[2], sys.argv[3]).run(int(sys.argv[1]))
