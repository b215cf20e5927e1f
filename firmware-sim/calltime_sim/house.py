"""What must stand before a day can be played? Database, broker, gateway and server, each started as the program that it is."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

from calltime_sim.office import Office
from calltime_sim.services.amqtt_broker import AmqttBroker
from calltime_sim.services.broker import Broker
from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.services.programs import Gateway, Server


def a_broker(folder: Path, *, embedded: bool) -> Broker:
    """Take Mosquitto where there is one, and the embedded broker where not, or where it is asked for."""
    return AmqttBroker(folder) if embedded or Mosquitto.available() else Mosquitto(folder)


class House:
    """A whole Calltime on loopback."""

    def __init__(
        self,
        folder: Path,
        *,
        database: Postgres | None = None,
        dsn: str | None = None,
        broker: Broker | None = None,
        port: int | None = None,
        embedded_broker: bool = False,
    ) -> None:
        """Everything is kept in the folder; the database (and which of its databases) and the broker may be brought along.

        What is brought along is not ended here.
        """
        self.folder = folder
        self._stack = ExitStack()
        self._brought = {service for service in (database, broker) if service is not None}
        self.database: Postgres = database or EmbeddedPostgres(folder / "postgres")
        self.broker: Broker = broker or a_broker(folder / "broker", embedded=embedded_broker)
        self._dsn = dsn
        self._port = port

    @property
    def dsn(self) -> str:
        """Which of the database's databases is this house's."""
        return self._dsn or self.database.dsn

    def __enter__(self) -> Self:
        """Start everything, in the order in which each needs the others."""
        for service in (self.database, self.broker):
            if service in self._brought:
                service.start()
            else:
                self._stack.enter_context(service)
        environment = {
            "CALLTIME_DATABASE": self.dsn,
            "CALLTIME_BROKER": self.broker.url,
            "CALLTIME_PUBLIC_URL": "https://localhost",
        }
        if self.broker.ws_url is not None:
            environment["CALLTIME_BROKER_FOR_PHONES"] = self.broker.ws_url
        self.office = Office(environment)
        self.office.ask("migrate")
        self.gateway = self._stack.enter_context(Gateway(self.folder / "gateway", environment))
        self.server = self._stack.enter_context(Server(self.folder / "server", environment, port=self._port))
        return self

    def __exit__(self, *_: object) -> None:
        """End what was started here."""
        self._stack.close()
