"""Are a council's terms found by the day, and gaps and overlaps between its files told?"""

from datetime import date
from pathlib import Path

from calltime_server.payment.terms_begun import begun_terms
from calltime_server.payment.terms_folder import CouncilTerms, load_council, terms_in_force
from fixtures.contracts import CONTRACTS

FIRST, SECOND = date(2026, 4, 6), date(2026, 10, 5)


def put(folder: Path, starts: date, *, ends: date | None = None, council: str = "north", name: str | None = None) -> None:
    text = begun_terms(council, starts=starts)
    if ends is not None:
        text = text.replace(f"starts = {starts}", f"starts = {starts}\nends = {ends}")
    folder.mkdir(exist_ok=True)
    (folder / f"{name or starts}.toml").write_text(text, encoding="utf-8")


def council_in(folder: Path) -> CouncilTerms:
    found = load_council(folder)
    assert isinstance(found, CouncilTerms), found
    return found


def faults_in(folder: Path) -> list[tuple[str, str]]:
    found = load_council(folder)
    assert not isinstance(found, CouncilTerms)
    return [(fault.file.name, fault.fault.says) for fault in found]


def test_terms_hold_until_the_next_file_begins(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    put(folder, FIRST)
    put(folder, SECOND)
    council = council_in(folder)
    found = [terms_in_force(council, day) for day in (date(2026, 4, 5), FIRST, date(2026, 10, 4), SECOND, date(2040, 1, 1))]

    assert [terms.starts if terms else None for terms in found] == [None, FIRST, FIRST, SECOND, SECOND]
    assert [terms.ends for terms in council.terms] == [date(2026, 10, 4), None]


def test_terms_that_end_leave_no_day_after_them(tmp_path: Path) -> None:
    put(tmp_path / "north", FIRST, ends=date(2027, 3, 31))
    council = council_in(tmp_path / "north")

    assert terms_in_force(council, date(2027, 3, 31)) is not None
    assert terms_in_force(council, date(2027, 4, 1)) is None


def test_a_gap_between_two_files_is_told_with_its_days(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    put(folder, FIRST, ends=date(2026, 9, 30))
    put(folder, SECOND)
    [(name, says)] = faults_in(folder)

    assert name == "2026-10-05.toml"
    assert says.startswith("From 2026-10-01 to 2026-10-04 no terms are in force")


def test_two_files_of_which_one_ends_too_late_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    put(folder, FIRST, ends=SECOND)
    put(folder, SECOND)
    [(_, says)] = faults_in(folder)

    assert says.startswith("These terms start on 2026-10-05, while those of 2026-04-06.toml hold until 2026-10-05.")


def test_a_file_is_named_by_its_first_day_and_a_folder_is_of_one_council(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    put(folder, FIRST, name="2026-04-01")
    put(folder, SECOND, council="south")

    (_, named), (_, of_another) = faults_in(folder)

    assert named == "These terms start on 2026-04-06, but the file is named 2026-04-01.toml. Name it by its first day."
    assert of_another.startswith("These terms are of south, and those of 2026-04-01.toml of north. A folder holds the terms of one council")


def test_every_fault_of_every_file_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "north"
    put(folder, FIRST)
    (folder / "2026-04-06.toml").write_text("council = 3\n", encoding="utf-8")
    (folder / "2027-04-05.toml").write_bytes(b"\xff")
    names = [name for name, _ in faults_in(folder)]

    assert names.count("2026-04-06.toml") > 5
    assert names.count("2027-04-05.toml") == 1


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    [(_, says)] = faults_in(tmp_path)

    assert says.startswith("There are no terms here. Put a file here")


def test_terms_that_count_over_a_period_change_on_the_first_day_of_one(tmp_path: Path) -> None:
    folder = tmp_path / "cardiff"
    folder.mkdir()
    text = (CONTRACTS / "cardiff" / "2020-04-06.toml").read_text(encoding="utf-8")  # its periods are weeks
    (folder / "2020-04-06.toml").write_text(text, encoding="utf-8")
    (folder / "2020-04-29.toml").write_text(text.replace("starts = 2020-04-06", "starts = 2020-04-29"), encoding="utf-8")

    says = [says for _, says in faults_in(folder)]

    assert says[0] == (
        "These terms start on 2020-04-29, within the period from 2020-04-27 to 2020-05-03 of the terms of 2020-04-06, and then its hours "
        "would count twice. Let them start on the first day of a period, as 2020-05-04."
    )
    assert "of their own" in says[1]
