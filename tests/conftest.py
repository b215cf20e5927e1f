"""What is the same for all tests? What the header says of the real services; their fixtures stand in `fixtures/`."""

from calltime_sim.services.embedded_postgres import EmbeddedPostgres
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.timescaledb import TimescaleDb

pytest_plugins = ["fixtures.missing_parts", "fixtures.brokers", "fixtures.databases", "fixtures.offices"]


def pytest_report_header() -> list[str]:
    parts = (EmbeddedPostgres, TimescaleDb, Mosquitto)
    return [f"{part.name}: {part.available() or part.version()}" for part in parts]
