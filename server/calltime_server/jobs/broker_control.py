"""How does the office tell a broker whom to let in? By commands to its dynamic security plugin. The one file that imports paho."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from calltime_server.config import Account, Broker
from calltime_server.jobs.broker_files import DOOR

CONTROL, ANSWERS = "$CONTROL/dynamic-security/v1", "$CONTROL/dynamic-security/v1/response"
CONNECT_WITHIN = 5.0
ANSWER_WITHIN = 60.0
"""Seconds. The broker writes its whole file anew for each change and does nothing else meanwhile: with many doors that takes a while."""
PAGE = 200

Command: TypeAlias = dict[str, Any]
"""As the plugin's documentation has it."""


class ControlTrouble(RuntimeError):
    """A broker cannot be spoken to, or refuses a command; the message says why, and what next."""


class Desk:
    """An open line to one broker's dynamic security. One command is under way at a time."""

    def __init__(self, broker: Broker, client: paho.Client) -> None:
        """`connected` makes it."""
        self._broker = broker
        self._client = client
        self._news: queue.SimpleQueue[ReasonCode | bytes] = queue.SimpleQueue()
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._news.put(reason)
        client.on_subscribe = lambda _client, _data, _number, reasons, _properties: self._news.put(reasons[0])
        client.on_message = lambda _client, _data, message: self._news.put(bytes(message.payload))
        client.on_disconnect = lambda _client, _data, _flags, reason, _properties: self._news.put(reason)

    def open(self) -> None:
        """Wait until we are let in and hear answers."""
        self._expect_good(CONNECT_WITHIN, "does not let the office in")
        self._client.subscribe(ANSWERS, qos=1)
        self._expect_good(CONNECT_WITHIN, "does not let the office hear the answers of its dynamic security")

    def doors(self) -> dict[str, str]:
        """List the doors that the broker lets in, each with what is noted beside it."""
        return {name: note for name, note in self.accounts().items() if name.startswith("d_")}

    def accounts(self) -> dict[str, str]:
        """List everybody whom the broker knows, each with what is noted beside it: of a door that somebody has changed by hand, nothing."""
        noted: dict[str, str] = {}
        offset, total = 0, 1
        while offset < total:
            (answer,) = self.ask([{"command": "listClients", "verbose": True, "count": PAGE, "offset": offset}])
            total, offset = answer["data"]["totalCount"], offset + PAGE
            noted |= {client["username"]: _note_beside(client) for client in answer["data"]["clients"]}
        return noted

    def ask(self, commands: Sequence[Command]) -> list[Any]:
        """Give commands, all in one message, and return the answers. Raises ControlTrouble, also when one of them is refused."""
        number = secrets.token_hex(8)
        self._client.publish(CONTROL, json.dumps({"commands": [{**command, "correlationData": number} for command in commands]}), qos=1)
        answers = self._answers(number)
        for answer in answers:
            if "error" in answer:
                raise ControlTrouble(
                    f"The broker {self._broker} refuses the command {answer['command']}: {answer['error']}. "
                    "What it lets in is looked up and brought in step again."
                )
        return answers

    def check(self) -> None:
        """Raise ControlTrouble when the line was lost."""
        while not self._news.empty():
            self._read(self._news.get())

    def _answers(self, number: str) -> list[Any]:
        """Wait for the answers to commands of this number: everybody who gives commands hears all answers."""
        while True:
            answers = self._read(self._next(ANSWER_WITHIN))
            if answers and answers[0].get("correlationData") == number:
                return answers

    def _read(self, news: ReasonCode | bytes) -> list[Any]:
        if isinstance(news, ReasonCode):
            raise ControlTrouble(f"The line to the broker {self._broker} was lost: {news}. It is called again.")
        answers: list[Any] = json.loads(news)["responses"]
        return answers

    def _expect_good(self, within: float, otherwise: str) -> None:
        news = self._next(within)
        if isinstance(news, ReasonCode) and news.is_failure:
            raise ControlTrouble(
                f"The broker {self._broker} {otherwise}: {news}. Check CALLTIME_BROKER_ADMIN_USER and CALLTIME_BROKER_ADMIN_PASSWORD_FILE, "
                "and that its configuration is one of calltime-server broker config."
            )

    def _next(self, within: float) -> ReasonCode | bytes:
        try:
            return self._news.get(timeout=within)
        except queue.Empty:
            says = f"The broker {self._broker} does not answer within {within:.0f} s. Check that it runs, with its dynamic security plugin."
            raise ControlTrouble(says) from None


def _note_beside(client: Mapping[str, Any]) -> str:
    roles = [role["rolename"] for role in client.get("roles", [])]
    as_let_in = roles == [DOOR] and client.get("clientid") == client["username"] and not client.get("groups") and not client.get("disabled")
    return str(client.get("textname", "")) if as_let_in else ""


@contextmanager
def connected(broker: Broker, account: Account) -> Iterator[Desk]:
    """Open a line to one broker. Raises ControlTrouble."""
    # A name of its own: a second office would else push the first one out.
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"calltime-office-{secrets.token_hex(6)}",
        protocol=paho.MQTTv5,
        reconnect_on_failure=False,
    )
    client.connect_timeout = CONNECT_WITHIN
    desk = Desk(broker, client)
    try:
        client.username_pw_set(account.user, account.password_file.read_text(encoding="utf-8").strip())
        if broker.tls:
            client.tls_set_context(ssl.create_default_context(cafile=account.ca_file))
        client.connect(broker.host, broker.port)
    except (OSError, ValueError) as error:
        raise ControlTrouble(
            f"The broker {broker} cannot be called: {error}. Check that it runs, and the settings of the broker."
        ) from error
    client.loop_start()
    try:
        desk.open()
        yield desk
    finally:
        with contextlib.suppress(OSError):
            client.disconnect()
        client.loop_stop()
