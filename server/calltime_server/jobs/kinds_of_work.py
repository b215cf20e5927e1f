"""Which long work does the office know how to do? By the names under which it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from calltime_server.jobs.asked_files import bundle, export
from calltime_server.jobs.asked_settling import settle
from calltime_server.jobs.reported import report_asked
from calltime_server.jobs.subject_access import subject_access
from calltime_server.jobs.tried import try_asked
from calltime_server.jobs.working import Kind

KINDS: Mapping[str, Kind] = {
    "settle": settle,
    "export": export,
    "bundle": bundle,
    "try-terms": try_asked,
    "report": report_asked,
    "subject-access": subject_access,
}
