"""Do files go in and files come out: all three, or none with everything that is wrong?"""

import csv
from pathlib import Path

from calltime_server.jobs.settle_files import FileFault, SettledFiles, settle_files
from fixtures.care import EXAMPLE

PLAN = (
    "visit_id,service_user,provider,zone,service,start,minutes,carers\n"
    "v1,s1,p1,z1,care,2026-07-06 08:00,30,1\n"
    "v2,s1,p1,z1,care,2026-07-06 12:00,30,2\n"
)
TAPS = (
    "device,seq,time,action,carer,service_user,grade\n"
    "d,2,2026-07-06T07:31:55Z,stop,c1,s1,2\n"
    "d,1,2026-07-06T07:04:10.250Z,start,c1,s1,2\n"
    "d,1,2026-07-06T07:04:10.250Z,start,c1,s1,2\n"
    "d,3,2026-07-06T11:00:00Z,start,c1,s1,2\n"
)


def settle_in(folder: Path, *, plan: str = PLAN, taps: str = TAPS, terms: str | None = None) -> SettledFiles | tuple[FileFault, ...]:
    files = {"plan.csv": plan, "taps.csv": taps, "terms.toml": EXAMPLE.read_text(encoding="utf-8") if terms is None else terms}
    for name, text in files.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    return settle_files(plan=folder / "plan.csv", taps=folder / "taps.csv", terms=folder / "terms.toml", out=folder / "made" / "out")


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_three_files_are_written_and_the_totals_told(tmp_path: Path) -> None:
    settled = settle_in(tmp_path)

    assert isinstance(settled, SettledFiles)
    assert [file.name for file in settled.files] == ["visits.csv", "lines.csv", "problems.csv"]
    assert (settled.planned_visits, settled.lines) == (2, 3)
    assert (settled.paid_lines, settled.parked_lines, settled.refused_lines) == (1, 1, 1)
    # 07:04:10.250 to 07:31:55 is 27 min 44.75 s = 1,664 whole seconds; 27 × 31.2p = 842.4p
    assert (settled.contact_seconds, settled.paid_minutes, settled.pence, settled.problems) == (1664, 27, 842, 2)


def test_the_lines_have_the_published_columns_first_and_times_in_utc(tmp_path: Path) -> None:
    settle_in(tmp_path)
    lines = rows(tmp_path / "made" / "out" / "lines.csv")

    assert list(lines[0])[:12] == [
        *("visit_id", "service_user", "provider", "carer", "planned_start", "started", "ended"),
        *("contact_seconds", "paid_minutes", "pence", "outcome", "explanation"),
    ]
    assert [lines[0][name] for name in ("planned_start", "started", "ended")] == [
        "2026-07-06T07:00:00Z",
        "2026-07-06T07:04:10.250Z",
        "2026-07-06T07:31:55Z",
    ]
    assert [[line[name] for name in ("carer", "contact_seconds", "paid_minutes", "pence", "outcome")] for line in lines] == [
        ["c1", "1664", "27", "842", "pay"],
        ["c1", "0", "0", "0", "park"],
        ["", "0", "0", "0", "refuse"],
    ]


def test_the_problems_have_the_published_columns(tmp_path: Path) -> None:
    settle_in(tmp_path)
    problems = rows(tmp_path / "made" / "out" / "problems.csv")

    assert list(problems[0]) == ["kind", "device", "seq", "visit_id", "carer", "service_user", "says"]
    assert [[problem[name] for name in ("kind", "device", "seq", "visit_id")] for problem in problems] == [
        ["no_stop", "d", "3", "v2"],
        ["one_carer_short", "d", "3", "v2"],
    ]


def test_the_faults_of_all_files_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    faults = settle_in(tmp_path, plan=PLAN + "v1,s1,p,z,care,never,1,1\n", taps=TAPS + "d\n", terms="[price")

    assert isinstance(faults, tuple)
    assert [(each.file.name, each.fault.line) for each in faults] == [("plan.csv", 4), ("plan.csv", 4), ("taps.csv", 6), ("terms.toml", 1)]
    assert not tmp_path.joinpath("made").exists()


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    faults = settle_files(plan=tmp_path / "plan.csv", taps=tmp_path / "taps.csv", terms=EXAMPLE, out=tmp_path / "out")

    assert isinstance(faults, tuple)
    assert [each.file.name for each in faults] == ["plan.csv", "taps.csv"]
    assert faults[0].fault.says == "This file cannot be read: No such file or directory. Check its name and who may read it."


def test_when_one_of_the_three_cannot_be_written_none_is(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    out.joinpath("problems.csv").mkdir(parents=True)
    faults = settle_in(tmp_path)

    assert isinstance(faults, tuple)
    assert faults[0].fault.says.startswith("Nothing can be written here: ")
    assert [file.name for file in out.iterdir()] == ["problems.csv"]


def test_settling_again_replaces_the_files_with_the_same_bytes(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    settle_in(tmp_path)
    first = {file.name: file.read_bytes() for file in out.iterdir()}
    header, *taps = TAPS.splitlines(keepends=True)
    settle_in(tmp_path, taps=header + "".join(reversed(taps)))

    assert {file.name: file.read_bytes() for file in out.iterdir()} == first
