"""Is the log one line for each thing, in the form that was asked for, and without what a fault quotes?"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from calltime_gateway.journal import ForPeople, ForPrograms


def record(message: str, *args: object, exc_info: Any = None, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("calltime_gateway.flow", logging.INFO, "flow.py", 1, message, args, exc_info)
    made.created = 1_759_737_600.25
    vars(made).update(fields)
    return made


def fail(fault: Exception) -> None:
    raise fault


def caught(fault: Exception) -> Any:
    try:
        fail(fault)
    except Exception:  # noqa: BLE001 - any fault
        return sys.exc_info()


class OfTheDatabase(Exception):
    """A fault with a SQLSTATE, as psycopg raises them."""

    def __init__(self, sqlstate: str, says: str) -> None:
        super().__init__(says)
        self.sqlstate = sqlstate


def test_people_read_the_time_the_message_and_the_fields() -> None:
    line = ForPeople().format(record("stored a batch", new=3, known=0))

    assert line == "2025-10-06T08:00:00.250Z INFO calltime_gateway.flow stored a batch new=3 known=0"


def test_programs_read_one_object_a_line() -> None:
    line = ForPrograms().format(record("stored a batch", new=3, door="d_x"))

    assert json.loads(line) == {
        "time": "2025-10-06T08:00:00.250Z",
        "level": "info",
        "logger": "calltime_gateway.flow",
        "message": "stored a batch",
        "new": 3,
        "door": "d_x",
    }


@pytest.mark.parametrize("form", [ForPeople(), ForPrograms()])
def test_nobody_can_write_a_second_line(form: logging.Formatter) -> None:
    line = form.format(record("the broker refused: %s", "no\n2025 INFO all is well\x1b[2J", why="\r\nno"))

    assert line.isprintable()


@pytest.mark.parametrize("form", [ForPeople(), ForPrograms()])
@pytest.mark.parametrize(
    "fault",
    [
        ValueError("Invalid enum value 'carer-1'"),
        KeyError("carer-1"),
        OfTheDatabase("22P02", 'invalid input syntax: "carer-1"'),
        OfTheDatabase("42501", "permission denied for table tap\nCONTEXT: COPY tap, line 1: carer-1"),
    ],
)
def test_a_fault_is_told_by_its_kind_and_place_and_quotes_nothing(form: logging.Formatter, fault: Exception) -> None:
    said = form.format(record("unexpected fault", exc_info=caught(fault)))

    assert "Traceback" in said
    assert type(fault).__name__ in said
    assert "test_gateway_journal.py" in said
    assert "carer-1" not in said


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OfTheDatabase("42501", "permission denied for table tap"), "permission denied for table tap"),
    ],
)
def test_a_fault_of_the_machine_says_what_it_is(fault: Exception, says: str) -> None:
    assert says in ForPeople().format(record("unexpected fault", exc_info=caught(fault)))


def test_what_nobody_caught_is_in_the_log_too() -> None:
    program = (
        "import threading; from calltime_gateway import journal; journal.begin('json')\n"
        "thread = threading.Thread(target=lambda: {}['carer-1']); thread.start(); thread.join()\n"
        "int('carer-1')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)

    faults = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    assert [fault["message"] for fault in faults] == ["unexpected fault"] * 2
    assert [fault["exc_info"].splitlines()[-1] for fault in faults] == ["KeyError", "ValueError"]
