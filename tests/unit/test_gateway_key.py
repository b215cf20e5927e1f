"""Is the gateway's key made once, kept from others, and never quietly replaced?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from calltime_gateway.key import UnreadableKey, load_or_make


def test_the_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "gateway.key"

    made = load_or_make(path)
    written = path.read_bytes()
    loaded = load_or_make(path)

    assert loaded.public_key == made.public_key
    assert path.read_bytes() == written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    assert load_or_make(tmp_path / "one").public_key != load_or_make(tmp_path / "other").public_key


@pytest.mark.parametrize("content", [b"", b"rubbish", b"AAAA\n", b"\xff\x00", b"A" * 42 + b"B\n"])
def test_a_damaged_key_is_told_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gateway.key"
    path.write_bytes(content)

    with pytest.raises(UnreadableKey, match=r"gateway\.key is not a gateway key .*Restore it from your backup"):
        load_or_make(path)

    assert path.read_bytes() == content
