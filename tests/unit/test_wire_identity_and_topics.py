"""Is a door's id that of its key, and does a topic name a door only when it is one?"""

import pytest

from calltime_wire import base64url, topics
from calltime_wire.identity import DeviceId, device_id, is_device_id

# The public key of RFC 8037's example; its id is made by other tools than ours: openssl dgst -sha256 -binary | head -c 16 | base32
RFC_8037_KEY = base64url.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
DOOR = DeviceId("d_eh7ddx5bksrgcytl7bkai36se4")


def test_an_id_is_the_fingerprint_of_the_key() -> None:
    assert device_id(RFC_8037_KEY) == DOOR
    assert is_device_id(DOOR)


@pytest.mark.parametrize("text", ["", "d_", DOOR[:-1], f"{DOOR}a", DOOR.upper(), f"{DOOR}\n", DOOR.replace("d_", "e_"), DOOR[:-1] + "1"])
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_device_id(text)


def test_the_four_topics_of_a_door() -> None:
    assert topics.records(DOOR) == f"calltime/v1/{DOOR}/records"
    assert topics.receipts(DOOR) == f"calltime/v1/{DOOR}/receipts"
    assert topics.status(DOOR) == f"calltime/v1/{DOOR}/status"
    assert topics.config(DOOR) == f"calltime/v1/{DOOR}/config"


def test_gateways_share_the_records_of_all_doors() -> None:
    assert topics.shared("gateway") == "$share/gateway/calltime/v1/+/records"


def test_the_record_topic_of_a_door_names_it() -> None:
    assert topics.door_of_records(topics.records(DOOR)) == DOOR


@pytest.mark.parametrize("topic", [topics.status(DOOR), f"/{topics.records(DOOR)}", "calltime/v1/+/records", "calltime/v1//records", ""])
def test_no_other_topic_names_a_door(topic: str) -> None:
    assert topics.door_of_records(topic) is None
