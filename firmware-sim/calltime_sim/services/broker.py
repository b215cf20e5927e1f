"""What do all brokers have in common here? An address for the doors, and that they answer an MQTT 3.1.1 client."""

import socket

from calltime_sim.services.service import Service

# CONNECT: protocol "MQTT" level 4, clean session, keep-alive 60 s, no client id. The answer that we want is CONNACK, accepted.
CONNECT = bytes.fromhex("100c 0004 4d515454 04 02 003c 0000")
ACCEPTED = bytes.fromhex("2002 0000")
DISCONNECT = bytes.fromhex("e000")


class Broker(Service):
    @property
    def url(self) -> str:
        return f"mqtt://{self.host}:{self.port}"

    @property
    def ws_url(self) -> str | None:
        """Where browsers reach it, by WebSockets; None: they do not."""
        return None

    def answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=2) as line:
                line.sendall(CONNECT)
                accepted = line.recv(len(ACCEPTED)) == ACCEPTED
                line.sendall(DISCONNECT)
        except OSError:
            return False
        return accepted
