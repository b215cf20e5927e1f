"""What is the same for all tests? The fixtures of the real services in `fixtures/`, and what the header says of the broker."""

from calltime_sim.services.mosquitto import Mosquitto

pytest_plugins = [
    "fixtures.missing_parts",
    "fixtures.brokers",
    "fixtures.publishers",
    "fixtures.databases",
    "fixtures.offices",
    "fixtures.browsers",
    "fixtures.carers_phone",
    "fixtures.syncing",
]


def pytest_report_header() -> str:
    return f"{Mosquitto.name}: {Mosquitto.available() or Mosquitto.version()}"
