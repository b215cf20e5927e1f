"""What does the office make of its settings for brokers? Addresses, an account, or all faults at once."""

from pathlib import Path

import pytest

from calltime_server.config import Account, BadConfig, Broker, Phones
from calltime_server.config.environment import from_environment

DATABASE = {"CALLTIME_DATABASE": "postgresql://calltime@localhost/calltime"}


def test_without_settings_there_is_one_broker_here_and_nothing_is_changed_at_it() -> None:
    config = from_environment(DATABASE)

    assert config.brokers == (Broker(host="127.0.0.1", port=1883, tls=False),)
    assert config.broker == "mqtt://127.0.0.1:1883"
    assert config.account is None


def test_several_brokers_stand_with_commas_between() -> None:
    config = from_environment(DATABASE | {"CALLTIME_BROKER": "mqtts://one.example.org, mqtt://[::1]:1884"})

    assert [str(broker) for broker in config.brokers] == ["mqtts://one.example.org:8883", "mqtt://[::1]:1884"]
    assert config.broker == "mqtts://one.example.org, mqtt://[::1]:1884"


def test_doors_may_be_told_other_addresses_than_the_office_calls() -> None:
    config = from_environment(DATABASE | {"CALLTIME_BROKER": "mqtt://mosquitto", "CALLTIME_BROKER_FOR_DOORS": "mqtts://broker.example.org"})

    assert [str(broker) for broker in config.brokers] == ["mqtt://mosquitto:1883"]
    assert config.broker == "mqtts://broker.example.org"


def test_an_account_is_a_password_file_and_the_usual_name() -> None:
    config = from_environment(DATABASE | {"CALLTIME_BROKER_ADMIN_PASSWORD_FILE": "/run/office", "CALLTIME_BROKER_CA_FILE": "/run/ca.pem"})

    assert config.account == Account(user="office", password_file=Path("/run/office"), ca_file=Path("/run/ca.pem"))


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("broker.example.org", "not 'broker.example.org'"),
        ("http://broker.example.org", "not 'http://broker.example.org'"),
        ("mqtt://broker.example.org:99999", "not 'mqtt://broker.example.org:99999'"),
        ("mqtt://one,", "not ''"),
        ("mqtt://one, mqtt://one:1883", "names the broker mqtt://one:1883 twice"),
        ("mqtt://one/topic", "not 'mqtt://one/topic'"),
    ],
)
def test_a_wrong_address_is_told(address: str, says: str) -> None:
    with pytest.raises(BadConfig, match=r"^CALLTIME_BROKER ") as told:
        from_environment(DATABASE | {"CALLTIME_BROKER": address})

    assert says in str(told.value)


@pytest.mark.parametrize("password", ["secret", "half,secret", "secret,half"])
def test_a_password_in_an_address_does_not_reach_the_log(password: str) -> None:
    with pytest.raises(BadConfig) as told:
        from_environment(DATABASE | {"CALLTIME_BROKER": f"mqtts://office:{password}@broker.example.org"})

    assert "secret" not in str(told.value)


def test_without_settings_phones_are_told_no_broker_and_say_nowhere_where_they_are() -> None:
    assert from_environment(DATABASE).phones == Phones(brokers=(), position=False)


def test_phones_are_told_brokers_that_speak_websockets() -> None:
    given = {"CALLTIME_BROKER_FOR_PHONES": "wss://broker.example.org:8084, ws://127.0.0.1:9001/mqtt", "CALLTIME_POSITION": "at-taps"}

    phones = from_environment(DATABASE | given).phones

    assert phones == Phones(brokers=("wss://broker.example.org:8084", "ws://127.0.0.1:9001/mqtt"), position=True)


@pytest.mark.parametrize(
    "address",
    [
        "mqtts://broker.example.org:8883",
        "ws://broker.example.org:8083",
        "wss://",
        "wss://broker.example.org:99999",
        "wss://broker.example.org; script-src *",
        "wss://broker.example.org/?token=1",
        "wss://one.example.org,",
    ],
)
def test_an_address_that_no_browser_could_call_is_told(address: str) -> None:
    with pytest.raises(BadConfig, match=r"^CALLTIME_BROKER_FOR_PHONES "):
        from_environment(DATABASE | {"CALLTIME_BROKER_FOR_PHONES": address})


def test_a_password_in_an_address_for_phones_does_not_reach_the_log() -> None:
    with pytest.raises(BadConfig) as told:
        from_environment(DATABASE | {"CALLTIME_BROKER_FOR_PHONES": "wss://phone:secret@broker.example.org"})

    assert "secret" not in str(told.value)


def test_where_phones_are_is_asked_for_at_taps_or_not_at_all() -> None:
    with pytest.raises(BadConfig, match="CALLTIME_POSITION must be “at-taps”"):
        from_environment(DATABASE | {"CALLTIME_POSITION": "always"})
