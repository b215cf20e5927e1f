"""Where every part is required, is a skipped test a failure, unless another kernel would be needed?"""

import pytest

from fixtures.missing_parts import NOT_TO_BE_INSTALLED, forbid_skipping


@pytest.mark.parametrize(
    ("required", "why", "becomes"),
    [
        ("1", "Mosquitto is not installed.", "failed"),
        ("1", f"{NOT_TO_BE_INSTALLED} This kernel has no /dev/uinput.", "skipped"),
        ("0", "Mosquitto is not installed.", "skipped"),
    ],
)
def test_what_becomes_of_a_skipped_test(monkeypatch: pytest.MonkeyPatch, required: str, why: str, becomes: str) -> None:
    monkeypatch.setenv("CALLTIME_REQUIRE_ALL", required)
    skipped = pytest.TestReport("test", ("test.py", 1, "test"), {}, "skipped", ("test.py", 1, f"Skipped: {why}"), "call")

    assert forbid_skipping(skipped).outcome == becomes
