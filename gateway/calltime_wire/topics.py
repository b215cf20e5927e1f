"""Under which topics do doors and gateway meet?"""

from __future__ import annotations

from calltime_wire.identity import DeviceId, is_device_id

RECORDS_FROM_ALL = "calltime/v1/+/records"
CONTENT_TYPE = "application/jose"


def records(device: DeviceId) -> str:
    """Door → gateway: one record a message."""
    return f"calltime/v1/{device}/records"


def receipts(device: DeviceId) -> str:
    """Gateway → door: which records are stored."""
    return f"calltime/v1/{device}/receipts"


def status(device: DeviceId) -> str:
    """Door → everybody, retained, with a will: how the door is."""
    return f"calltime/v1/{device}/status"


def config(device: DeviceId) -> str:
    """Server → door, retained: the door's settings."""
    return f"calltime/v1/{device}/config"


def shared(group: str) -> str:
    """Subscription with which several gateways share the records of all doors (MQTT 5, or a broker that knows `$share`)."""
    return f"$share/{group}/{RECORDS_FROM_ALL}"


def door_of_records(topic: str) -> DeviceId | None:
    """Name the door whose record topic this is; None when it is no door's."""
    match topic.split("/"):
        case ["calltime", "v1", device, "records"] if is_device_id(device):
            return DeviceId(device)
        case _:
            return None
