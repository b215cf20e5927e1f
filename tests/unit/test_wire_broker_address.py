"""Which addresses of brokers do doors and gateways understand?"""

import pytest

from calltime_wire import broker_address
from calltime_wire.broker_address import BrokerAddress


@pytest.mark.parametrize(
    ("address", "host", "port", "tls"),
    [
        ("mqtt://broker.example.org", "broker.example.org", 1883, False),
        ("mqtts://broker.example.org", "broker.example.org", 8883, True),
        ("mqtts://Broker.Example.org:1884/", "broker.example.org", 1884, True),
        ("mqtt://192.0.2.7:1", "192.0.2.7", 1, False),
        ("mqtts://[2001:db8::7]:8884", "2001:db8::7", 8884, True),
    ],
)
def test_host_port_and_whether_it_is_encrypted(address: str, host: str, port: int, tls: bool) -> None:
    parsed = broker_address.parse(address)

    assert parsed == BrokerAddress(host=host, port=port, tls=tls)
    assert broker_address.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("address", "because"),
    [
        ("broker.example.org", "needs an address such as mqtts://"),
        ("", "needs an address such as mqtts://"),
        ("https://broker.example.org", "needs an address such as mqtts://"),
        ("mqtt://", "needs an address such as mqtts://"),
        ("mqtt://broker.example.org:0", "needs an address such as mqtts://"),
        ("mqtt://broker.example.org:70000", "no address (Port out of range"),
        ("mqtt://broker.example.org:port", "no address (Port could not be cast"),
        ("mqtts://[2001:db8::7", "no address (Invalid IPv6 URL)"),
        ("mqtts://door:secret@broker.example.org", "user name and password belong in the settings"),
        ("mqtts://broker.example.org/mqtt", "only a host and a port"),
        ("mqtts://broker.example.org?check=no", "only a host and a port"),
    ],
)
def test_what_is_no_address_is_told(address: str, because: str) -> None:
    with pytest.raises(ValueError, match=r"^and ") as raised:
        broker_address.parse(address)

    assert because in str(raised.value)
    assert "secret" not in str(raised.value)


def test_several_are_written_with_commas_between() -> None:
    brokers = broker_address.parse_all("mqtts://a.example.org,mqtts://b.example.org:1884 , mqtt://192.0.2.7")

    assert broker_address.write_all(brokers) == "mqtts://a.example.org:8883, mqtts://b.example.org:1884, mqtt://192.0.2.7:1883"
    assert broker_address.parse_all(broker_address.write_all(brokers)) == brokers


@pytest.mark.parametrize(
    ("addresses", "because"),
    [
        ("", "needs an address"),
        ("mqtts://a.example.org,", "needs an address"),
        ("mqtts://a.example.org mqtts://b.example.org", "only a host and a port"),
        ("mqtts://a.example.org,mqtts://A.example.org:8883", "one broker stands in it twice"),
    ],
)
def test_one_bad_address_spoils_the_list(addresses: str, because: str) -> None:
    with pytest.raises(ValueError, match=r"^and ") as raised:
        broker_address.parse_all(addresses)

    assert because in str(raised.value)
