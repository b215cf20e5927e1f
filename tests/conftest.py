"""What is the same for all tests? The fixtures of the real services in `fixtures/`, and what the header says of the broker."""

from hypothesis import HealthCheck, settings

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


# How fast the machine is, and what else runs on it, is no property of what is tested.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_report_header() -> str:
    return f"{Mosquitto.name}: {Mosquitto.available() or Mosquitto.version()}"
