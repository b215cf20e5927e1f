"""What is the broker where no mosquitto is installed? amqtt, pure Python, as a child process of its own.

`python -m calltime_sim.services.amqtt_broker PORT`. It speaks MQTT 3.1.1 only and keeps sessions and retained messages in memory: a restart
loses them, and so must be survived by the receipts.
"""

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence

from calltime_sim.services.broker import Broker


class AmqttBroker(Broker):
    """The embedded default. Sessions do not survive `stop` or `kill`."""

    name = "amqtt"

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "calltime_sim.services.amqtt_broker", str(self.port)]


async def serve(port: int) -> None:
    from amqtt.broker import Broker as Amqtt  # takes a quarter of a second that those who only start the child need not spend

    broker = Amqtt(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{AmqttBroker.host}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    told_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told_to_stop.set)
    await broker.start()
    await told_to_stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(int(sys.argv[1])))
