"""What does one small day come to, line by line, under the example contract? One minute costs £18.72 ÷ 60 = 31.2 pence."""

from fixtures.care import contact, kinds, settled, tap, visit

PLANNED = [
    visit("breakfast", "s1", "2026-07-06 08:00", minutes=30),
    visit("lunch", "s1", "2026-07-06 12:00", minutes=45, carers=2),
    visit("tea", "s2", "2026-07-06 16:00", minutes=30),
    visit("supper", "s2", "2026-07-06 18:00", minutes=30),
    visit("bed", "s3", "2026-07-06 22:00", minutes=30),
]

TAPPED = [
    *contact("phone-1", "2026-07-06 08:04:10", "2026-07-06 08:31:55", carer="c1", at="s1"),
    tap("phone-1", 2, "stop", "2026-07-06 08:31:55", carer="c1", at="s1"),  # delivered twice
    *contact("phone-2", "2026-07-06 11:58:00", "2026-07-06 12:50:30", carer="c2", at="s1"),
    *contact("phone-3", "2026-07-06 12:10:00", "2026-07-06 12:40:00", carer="c3", at="s1"),
    tap("reader-2", 1, "start", "2026-07-06 16:02:00", carer="c1", at="s2"),
    tap("reader-2", 2, "start", "2026-07-06 16:02:20", carer="c1", at="s2"),
    tap("reader-3", 7, "stop", "2026-07-06 22:31:00", carer="c2", at="s3"),
    *contact("phone-4", "2026-07-06 10:00:00", "2026-07-06 10:10:00", carer="c4", at="s9"),
]


def test_each_line_of_the_day_is_what_the_contract_makes_of_it() -> None:
    lines = settled(PLANNED, TAPPED).lines.select("visit_id", "carer", "contact_seconds", "paid_minutes", "pence", "outcome").rows()

    assert lines == [
        # 08:04:10 to 08:31:55 = 27 min 45 s = 1,665 s; 45 s dropped; under 30 min; 27 × 31.2p = 842.4p → 842p
        ("breakfast", "c1", 1665, 27, 842, "pay"),
        # 11:58:00 to 12:50:30 = 52 min 30 s = 3,150 s; 30 s dropped; capped at 45 min; 45 × 31.2p = 1,404p
        ("lunch", "c2", 3150, 45, 1404, "pay"),
        # 12:10 to 12:40 = 30 min = 1,800 s; 30 × 31.2p = 936p
        ("lunch", "c3", 1800, 30, 936, "pay"),
        ("tea", "c1", 0, 0, 0, "park"),
        ("supper", None, 0, 0, 0, "refuse"),
        ("bed", "c2", 0, 0, 0, "park"),
    ]


def test_the_problems_of_the_day_are_told() -> None:
    problems = settled(PLANNED, TAPPED).problems

    assert problems.select("kind", "device", "seq", "visit_id").rows() == [
        ("not_planned", "phone-4", 1, None),
        ("no_stop", "reader-2", 1, "tea"),
        ("second_tap", "reader-2", 2, None),
        ("no_start", "reader-3", 7, "bed"),
    ]


def test_all_contact_time_of_the_day_is_accounted_for() -> None:
    settlement = settled(PLANNED, TAPPED)

    # 1,665 + 3,150 + 1,800 in lines, and 10 min = 600 s that nobody planned
    assert settlement.lines["contact_seconds"].sum() == 6615
    assert settlement.visits["contact_seconds"].sum() == 7215


def test_a_day_without_anything_settles_to_nothing() -> None:
    settlement = settled([], [])

    assert (settlement.visits.height, settlement.lines.height, settlement.problems.height) == (0, 0, 0)


def test_a_day_on_which_nobody_tapped_is_refused_line_by_line() -> None:
    settlement = settled(PLANNED, [])

    assert settlement.lines["outcome"].to_list() == ["refuse"] * 6
    assert kinds(settlement.problems) == []
