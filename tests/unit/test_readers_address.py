"""Does an address name the tag that stands in it, and nothing else?"""

import pytest

from calltime_edge.readers.address import read_address
from calltime_edge.readers.sightings import Tag, Unreadable, Why


def test_the_tag_id_is_the_last_part_of_the_path() -> None:
    assert read_address("https://calltime.example/t/F4x-9_b", via="nfc") == Tag(via="nfc", ref="F4x-9_b", proof=None)


def test_the_proof_is_the_query_as_it_stands() -> None:
    tag = read_address("https://calltime.example/t/abc?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086", via="nfc")

    assert tag == Tag(via="nfc", ref="abc", proof="e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086")


def test_a_proof_is_neither_decoded_nor_put_in_order() -> None:
    tag = read_address("https://calltime.example/t/abc?c=%41+b&&e=", via="qr")

    assert tag == Tag(via="qr", ref="abc", proof="c=%41+b&&e=")


def test_an_empty_query_is_no_proof() -> None:
    assert read_address("https://calltime.example/t/abc?", via="qr") == Tag(via="qr", ref="abc", proof=None)


@pytest.mark.parametrize("host", ["calltime.example", "CALLTIME.EXAMPLE:8443", "192.0.2.7", "[2001:db8::7]", "localhost"])
def test_any_host_will_do(host: str) -> None:
    assert read_address(f"https://{host}/t/abc", via="qr") == Tag(via="qr", ref="abc", proof=None)


def test_a_code_of_capitals_is_read_but_its_tag_id_keeps_them() -> None:
    assert read_address("HTTPS://CALLTIME.EXAMPLE/t/ABC", via="qr") == Tag(via="qr", ref="ABC", proof=None)


def test_a_tag_id_has_up_to_64_characters() -> None:
    assert read_address("https://h/t/" + "a" * 64, via="qr") == Tag(via="qr", ref="a" * 64, proof=None)
    assert isinstance(read_address("https://h/t/" + "a" * 65, via="qr"), Unreadable)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "http://calltime.example/t/abc",
        "https:///t/abc",
        "https://calltime.example/t/",
        "https://calltime.example/t/a.c",
        "https://calltime.example/t/abc/",
        "https://calltime.example/x/abc",
        "https://calltime.example/t/abc#top",
        "https://calltime.example/t/abc?e=1#top",
        "https://calltime.example/t/abc\n",
        "https://calltime.example/t/ab\tc",
        "https://calltime.example/t/abc?e=1 2",
        "https://calltime.example/t/äbc",
        "https://calltime.example/t/abhttps://calltime.example/t/abc",
        "https://calltime.example/t/abc?e=" + "0" * 1024,
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert isinstance(read_address(text, via="qr"), Unreadable)


def test_what_else_was_read_is_not_repeated_but_what_to_do_is_said() -> None:
    unreadable = read_address("BEGIN:VCARD FN:Mary Miller", via="qr")

    assert unreadable == Unreadable(via="qr", why=Why.NO_ADDRESS)
