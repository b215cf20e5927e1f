"""What do most people write? One INSERT and one COMMIT a message, in paho's callback. Run as `python -m bench.ingest_script_a PORT DSN`."""

from __future__ import annotations

import sys
from typing import Any

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.ingest_plain import COLUMNS, TOPICS, row

INSERT = f"INSERT INTO plain_tap ({COLUMNS}) VALUES ({', '.join(['%s'] * 13)})"  # noqa: S608  # our own words


def main() -> None:
    connection = psycopg.connect(sys.argv[2])
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="script-a")

    def connected(client: paho.Client, *_: Any) -> None:
        client.subscribe(TOPICS, qos=1)

    def arrived(_client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        connection.execute(INSERT, row(bytes(message.payload)))
        connection.commit()

    client.on_connect, client.on_message = connected, arrived
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.loop_forever()


if __name__ == "__main__":
    main()
