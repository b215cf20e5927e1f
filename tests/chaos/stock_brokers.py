"""What does Mosquitto do as it comes, where nobody has raised its limits? It drops what it has acknowledged, beyond its stock queue."""

from pathlib import Path

from calltime_sim.services.mosquitto import Mosquitto


class StockMosquitto(Mosquitto):
    """Without a line about limits in its settings."""

    def prepare(self) -> None:
        super().prepare()
        lines = self.settings_file.read_text().splitlines()
        self.settings_file.write_text("\n".join(line for line in lines if not line.startswith("max_")) + "\n")


def restart_without_its_store(broker: Mosquitto) -> None:
    """Kill it and start it with nothing of what it knew: sessions, queues, retained messages."""
    broker.kill()
    store: Path = broker.folder / "mosquitto.db"
    store.unlink(missing_ok=True)
    broker.start()
