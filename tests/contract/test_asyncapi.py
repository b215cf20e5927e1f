"""Is docs/wire.asyncapi.yaml a valid AsyncAPI 3 document, and does it describe the wire that we speak?"""

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from calltime_wire import records, topics
from calltime_wire.identity import device_id
from calltime_wire.records import Record
from calltime_wire.refusals import Reason
from calltime_wire.status import ReaderState
from contract.golden_files import each, payload_of
from contract.make_golden import FOLDER
from fixtures.wire_records import DOOR, any_record

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs/wire.asyncapi.yaml").read_text())
MESSAGES = DOCUMENT["components"]["messages"]
OFFICIAL = Path(os.environ.get("CALLTIME_ASYNCAPI_SPECS", "/var/cache/calltime/asyncapi-specs")) / "package/schemas/3.0.0.json"

ORDER_OF_LOSSES = {"its-own-number", "a-number-to-come", "backwards", "in-another-order", "overlapping", "touching"}
BEYOND_A_SCHEMA = {
    *("not-canonical", "field-twice", "header-with-alg-twice", "number-with-a-point", "thirtieth-of-february", "leap-second"),
    *(f"lost-{name}" for name in ORDER_OF_LOSSES),
}
"""Malformed messages whose shape is good all the same. The document says so."""
NOT_EVEN_A_SHAPE = {"signature-empty"}
"""Refused with another reason, though their shape would be reason enough."""


def pattern(_: Any, wanted: str, found: Any, __: Any) -> Iterator[ValidationError]:
    """Match as JSON Schema does, whose `$` is the end; Python's also stands before a line feed at the end."""
    if isinstance(found, str) and not re.search(re.sub(r"\$$", r"\\Z", wanted), found):
        yield ValidationError(f"{found!r} does not match {wanted}")


Validator = extend(Draft7Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """Hold a value against a schema of the document."""
    return bool(Validator({**schema, "components": DOCUMENT["components"]}).is_valid(value))


def shape_is_good(message: dict[str, Any], payload: bytes) -> bool:
    """Hold the text of a message, its header and what was signed against their schemas."""
    try:
        text = payload.decode("ascii")
        if not accepts(message["payload"], text):
            return False
        header, signed, _ = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split("."))
        return accepts(message["x-jws-header"], json.loads(header)) and accepts(message["x-jws-payload"], json.loads(signed))
    except (ValueError, RecursionError):
        return False


@each("good")
def test_every_good_record_has_the_shape_of_the_document(golden: dict[str, Any]) -> None:
    assert shape_is_good(MESSAGES["record"], payload_of(golden))


@each("sequences")
def test_every_record_of_a_sequence_has_the_shape_of_the_document(golden: dict[str, Any]) -> None:
    assert all(shape_is_good(MESSAGES["record"], arrival["payload"].encode()) for arrival in golden["arrivals"])


@pytest.mark.parametrize("path", sorted((FOLDER / "bad").glob("*.json")), ids=lambda path: path.stem)
def test_a_bad_record_has_another_shape_if_that_is_what_is_wrong_with_it(path: Path) -> None:
    golden = json.loads(path.read_bytes())
    wrong_in_shape = golden["expect"]["reason"] in (Reason.MALFORMED, Reason.TOO_LARGE) or path.stem in NOT_EVEN_A_SHAPE

    assert shape_is_good(MESSAGES["record"], payload_of(golden)) == (not wrong_in_shape or path.stem in BEYOND_A_SCHEMA)


@given(any_record)
def test_every_record_that_our_doors_can_write_has_the_shape_of_the_document(record: Record) -> None:
    assert shape_is_good(MESSAGES["record"], records.encode(record, DOOR).encode())


@each("receipts/good")
def test_every_good_receipt_has_the_shape_of_the_document(golden: dict[str, Any]) -> None:
    assert shape_is_good(MESSAGES["receipt"], payload_of(golden))


@each("settings/good")
def test_good_settings_have_the_shape_of_the_document(golden: dict[str, Any]) -> None:
    assert shape_is_good(MESSAGES["settings"], payload_of(golden))


@pytest.mark.parametrize("message", ["receipt", "settings"])
def test_a_bad_answer_has_another_shape_unless_it_is_of_the_wrong_gateway_or_door(message: str) -> None:
    bad = FOLDER / {"receipt": "receipts"}.get(message, message) / "bad"
    right_in_shape = {
        path.stem for path in bad.glob("*.json") if shape_is_good(MESSAGES[message], payload_of(json.loads(path.read_bytes())))
    }

    assert right_in_shape == {"signed-by-another-gateway", "signed-by-the-door", "for-another-door"}


@each("status/good")
def test_every_good_status_has_the_shape_of_the_document(golden: dict[str, Any]) -> None:
    assert accepts(MESSAGES["status"]["payload"], json.loads(payload_of(golden)))


@each("status/bad")
def test_every_bad_status_has_another_shape(golden: dict[str, Any]) -> None:
    assert not accepts(MESSAGES["status"]["payload"], json.loads(payload_of(golden)))


def test_the_topics_are_those_of_the_code() -> None:
    door = device_id(b"any key")
    told = {name: channel["address"].format(device=door) for name, channel in DOCUMENT["channels"].items()}

    assert told == {
        "records": topics.records(door),
        "receipts": topics.receipts(door),
        "status": topics.status(door),
        "config": topics.config(door),
    }
    assert topics.shared("gateway") in DOCUMENT["servers"]["broker"]["description"]


def test_reasons_limits_and_content_types_are_those_of_the_code() -> None:
    schemas = DOCUMENT["components"]["schemas"]

    assert schemas["Reason"]["enum"] == list(Reason)
    assert schemas["Status"]["properties"]["readers"]["additionalProperties"]["enum"] == list(get_args(ReaderState))
    assert schemas["SignedRecord"]["maxLength"] == records.MAX_RECORD_BYTES
    assert {MESSAGES[name]["contentType"] for name in ("record", "receipt", "settings")} == {topics.CONTENT_TYPE}


def test_everything_that_the_document_refers_to_stands_in_it() -> None:
    missing = [ref for ref in set(references(DOCUMENT)) if not found(ref)]

    assert missing == []


def references(node: Any) -> Iterator[str]:
    """List every $ref."""
    match node:
        case {"$ref": str(ref)}:
            yield ref
        case dict():
            for inner in node.values():
                yield from references(inner)
        case list():
            for inner in node:
                yield from references(inner)


def found(ref: str) -> bool:
    """Follow a reference, through references on its way."""
    node: Any = DOCUMENT
    for name in ref.removeprefix("#/").split("/"):
        node = node.get(name) if isinstance(node, dict) else None
    return node is not None


def test_the_document_is_valid_by_the_official_schema_of_asyncapi_3() -> None:
    if not OFFICIAL.exists():
        pytest.skip(
            f"The schema of AsyncAPI is not at {OFFICIAL}. "
            "Unpack the npm package there (npm pack @asyncapi/specs@6.11.1, tar xzf), or say in CALLTIME_ASYNCAPI_SPECS where it is."
        )
    schema = json.loads(OFFICIAL.read_bytes())
    faults = [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in Draft7Validator(schema).iter_errors(DOCUMENT)]

    assert faults == []
