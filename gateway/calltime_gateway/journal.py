"""How does the log look? For people a line of text, for programs an object of JSON a line: a fixed message, and fields beside it.

What a message of a door holds never stands in it: neither whose tap it was nor where, nor what a stranger wrote. Ids of doors may.
"""

from __future__ import annotations

import logging
import sys
import threading
from datetime import UTC, datetime
from traceback import format_tb
from types import TracebackType
from typing import Any, TypeAlias

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from calltime_gateway import printable
from calltime_gateway.settings import LogFormat
from calltime_wire import records

log = logging.getLogger(__name__)

OF_THE_CONTENT = ("22", "23", "54")
"""Beginnings of the SQLSTATEs of faults that quote what was to be stored."""

Fault: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def begin(form: LogFormat) -> None:
    """Log to standard error in this form from now on; what nobody caught, too."""
    handler = logging.StreamHandler()
    handler.setFormatter(ForPrograms() if form == "json" else ForPeople())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)


def _uncaught(kind: type[BaseException], fault: BaseException, traceback: TracebackType | None) -> None:
    log.critical("unexpected fault", exc_info=(kind, fault, traceback))


class ForPeople(logging.Formatter):
    """Time in UTC, level, logger, message, and the fields as name=value."""

    def __init__(self) -> None:
        """All is fixed."""
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - logging's names
        """Write the time as records do."""
        return _moment(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Write the line. A line break in it would make another line of the log."""
        fields = (f" {name}={value}" for name, value in vars(record).items() if name not in RESERVED_ATTRS)
        return printable.text(super().formatMessage(record) + "".join(fields))

    def formatException(self, ei: Fault) -> str:  # noqa: N802 - logging's name
        """Write what it was and where."""
        return _told(ei)


class ForPrograms(JsonFormatter):
    """An object a line: time, level, logger, message, and the fields."""

    def __init__(self) -> None:
        """All is fixed."""
        super().__init__(["message"])

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Put what every line has before what this one has."""
        log_data |= {"time": _moment(record), "level": record.levelname.lower(), "logger": record.name}
        super().add_fields(log_data, record, message_dict)

    def formatException(self, ei: Fault) -> str:  # noqa: N802 - logging's name
        """Write what it was and where."""
        return _told(ei)


def _moment(record: logging.LogRecord) -> str:
    return records.milliseconds(datetime.fromtimestamp(record.created, UTC))


def _told(fault: Fault) -> str:
    kind, value, traceback = fault
    if kind is None or value is None:
        return ""
    says = f": {str(value).strip().splitlines()[0]}" if str(value).strip() and _speaks_of_the_machine(value) else ""
    return f"Traceback (most recent call last):\n{''.join(format_tb(traceback))}{kind.__name__}{says}"


def _speaks_of_the_machine(fault: BaseException) -> bool:
    """Say whether its first line can be shown: what speaks of the content may quote it. Of the rest, kind and place must do."""
    sqlstate = getattr(fault, "sqlstate", None)
    if isinstance(sqlstate, str):
        return not sqlstate.startswith(OF_THE_CONTENT)
    return isinstance(fault, OSError) or type(fault) is RuntimeError
