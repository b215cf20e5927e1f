"""What does a careful person write? Batches, COPY, and no acknowledgement before the commit. `python -m bench.ingest_script_b PORT DSN`.

A session that the broker keeps, and a thread that writes while paho's thread reads. It takes what lies there, so that a lone message
need not wait. It checks nothing and tells nobody what it has stored.
"""

from __future__ import annotations

import queue
import sys
from typing import Any

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion

from bench.ingest_plain import COLUMNS, TOPICS, row

BATCH = 1000
COPY = f"COPY plain_tap ({COLUMNS}) FROM STDIN"


def take(waiting: queue.SimpleQueue[paho.MQTTMessage]) -> list[paho.MQTTMessage]:
    """Wait for a message and take what lies there with it."""
    batch = [waiting.get()]
    try:
        while len(batch) < BATCH:
            batch.append(waiting.get_nowait())
    except queue.Empty:
        pass
    return batch


def main() -> None:
    connection = psycopg.connect(sys.argv[2])
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="script-b", clean_session=False, manual_ack=True)
    waiting: queue.SimpleQueue[paho.MQTTMessage] = queue.SimpleQueue()

    def connected(client: paho.Client, *_: Any) -> None:
        client.subscribe(TOPICS, qos=1)

    def arrived(_client: paho.Client, _: Any, message: paho.MQTTMessage) -> None:
        waiting.put(message)

    client.on_connect, client.on_message = connected, arrived
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.loop_start()
    while True:
        batch = take(waiting)
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for message in batch:
                copy.write_row(row(bytes(message.payload)))
        connection.commit()
        for message in batch:
            client.ack(message.mid, message.qos)


if __name__ == "__main__":
    main()
