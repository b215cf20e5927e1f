"""Does a line explain itself so that a carer, a provider and an auditor can follow it?"""

from fixtures.care import contact, only_line, settled, tap, visit


def test_a_paid_line_goes_from_the_plan_by_the_taps_and_clauses_to_the_penny() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], contact("d_abc", "2026-07-06 08:04:10", "2026-07-06 08:31:55")))

    assert line["explanation"] == (
        "Planned 08:00–08:30 (30 min) on 6 July 2026. Tapped 08:04:10 to 08:31:55: 27 min 45 s of contact. "
        "Whole minutes (Schedule 4, 3.1): 27 min, 45 s dropped. Capped at planned (Schedule 4, 3.2): 27 min. "
        "27 min × £18.72 an hour (Schedule 5, 1) = £8.424, rounded to £8.42. Taps: d_abc/1 (grade 2), d_abc/2 (grade 2)."
    )
    # £8.42 − £8.424 = −0.4 pence = −144,000 of 360,000ths
    assert (line["seconds_after_whole_minutes"], line["seconds_after_cap_at_planned"], line["rounding_360000ths"]) == (1620, 1620, -144_000)


def test_a_capped_line_says_what_is_not_paid() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], contact("d", "2026-07-06 07:58:00", "2026-07-06 08:41:30")))

    assert "Whole minutes (Schedule 4, 3.1): 43 min, 30 s dropped." in line["explanation"]
    assert "Capped at planned (Schedule 4, 3.2): 30 min, 13 min over the plan not paid." in line["explanation"]
    assert "30 min × £18.72 an hour (Schedule 5, 1) = £9.36. " in line["explanation"]


def test_less_than_a_minute_is_paid_with_nothing_and_explained() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], contact("d", "2026-07-06 08:00:00", "2026-07-06 08:00:59")))

    assert (line["outcome"], line["reason"], line["pence"], line["contact_seconds"]) == ("pay", "nothing_left_to_pay", 0, 59)
    assert "59 s of contact. Whole minutes (Schedule 4, 3.1): 0 min, 59 s dropped." in line["explanation"]
    assert "0 min × £18.72 an hour (Schedule 5, 1) = £0.00." in line["explanation"]


def test_a_span_over_midnight_names_both_days() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 23:45")], contact("d", "2026-07-06 23:47:20", "2026-07-07 00:12:40")))

    assert line["explanation"].startswith(
        "Planned 23:45 on 6 July 2026 to 00:15 on 7 July 2026 (30 min). "
        "Tapped 23:47:20 on 6 July 2026 to 00:12:40 on 7 July 2026: 25 min 20 s of contact. "
    )


def test_a_tap_on_another_day_than_planned_names_its_day() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-07 00:05")], contact("d", "2026-07-06 23:30:00", "2026-07-06 23:50:00")))

    assert "Tapped 23:30:00 on 6 July 2026 to 23:50:00 on 6 July 2026: 20 min of contact." in line["explanation"]


def test_a_night_when_the_clocks_change_names_the_zones() -> None:
    # 00:30 BST = 23:30 UTC; the plan's 180 min end at 02:30 UTC = 02:30 GMT
    visits = [visit("v", "s1", "2026-10-24T23:30:00Z", minutes=180)]
    line = only_line(settled(visits, contact("d", "2026-10-25T00:50:00Z", "2026-10-25T01:20:00Z")))

    assert line["explanation"].startswith(
        "Planned 00:30 BST–02:30 GMT (180 min) on 25 October 2026. Tapped 01:50:00 BST to 01:20:00 GMT: 30 min of contact. "
    )
    assert line["pence"] == 936  # 30 min × 31.2p


def test_thousandths_are_shown_where_a_sum_would_look_wrong_without_them() -> None:
    # .900 to .100 is 27 min 44.2 s: 08:04:10 to 08:31:55 alone would look like 27 min 45 s
    taps = contact("d", "2026-07-06 08:04:10.900", "2026-07-06 08:31:55.100")
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], taps))

    assert "Tapped 08:04:10.900 to 08:31:55.100: 27 min 44 s of contact." in line["explanation"]


def test_a_missing_stop_is_parked_with_what_would_release_it() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], [tap("d", 5, "start", "2026-07-06 08:04:10")]))

    assert (line["outcome"], line["reason"], line["carer"], line["grade"]) == ("park", "no_stop", "c1", 2)
    assert line["explanation"] == (
        "Planned 08:00–08:30 (30 min) on 6 July 2026. Tapped start 08:04:10 on 6 July 2026, and no stop. "
        "Parked: the stop is missing. Its tap, or a correction by the provider with a reason that these terms pay for, releases it. "
        "Tap: d/5 (grade 2)."
    )


def test_a_missing_start_is_parked_with_what_would_release_it() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], [tap("d", 5, "stop", "2026-07-06 08:34:10")]))

    assert (line["outcome"], line["reason"]) == ("park", "no_start")
    assert "Tapped stop 08:34:10 on 6 July 2026, and no start. Parked: the start is missing." in line["explanation"]


def test_a_visit_that_nobody_made_is_refused_with_the_clause() -> None:
    line = only_line(settled([visit("v", "s1", "2026-07-06 08:00")], []))

    assert (line["outcome"], line["reason"], line["carer"]) == ("refuse", "missed", None)
    assert line["explanation"] == (
        "Planned 08:00–08:30 (30 min) on 6 July 2026. Nobody tapped for this visit within 120 minutes of its planned time. "
        "Refused (Schedule 4, 4.1): A visit that was not made is not paid."
    )


def test_the_second_carer_who_did_not_come_is_named_by_number() -> None:
    visits = [visit("v", "s1", "2026-07-06 08:00", carers=2)]
    lines = settled(visits, contact("d", "2026-07-06 08:00:00", "2026-07-06 08:30:00")).lines

    assert lines.select("carer_no", "outcome").rows() == [(1, "pay"), (2, "refuse")]
    assert "Nobody tapped for this visit as carer 2 of 2 within" in lines["explanation"][1]


def test_a_visit_before_the_terms_start_is_parked_with_its_contact_time() -> None:
    # The terms start on 6 April; 5 April 23:59 in London is 22:59 UTC.
    visits = [visit("before", "s1", "2026-04-05 23:59"), visit("after", "s2", "2026-04-06 00:00")]
    taps = [
        *contact("d1", "2026-04-05 23:59:00", "2026-04-06 00:29:00", at="s1"),
        *contact("d2", "2026-04-06 00:00:00", "2026-04-06 00:30:00", at="s2", carer="c2"),
    ]
    lines = settled(visits, taps).lines

    assert lines.select("visit_id", "outcome", "reason", "contact_seconds", "pence").rows() == [
        ("before", "park", "no_terms_in_force", 1800, 0),
        ("after", "pay", "delivered", 1800, 936),
    ]
    assert "Parked: these terms start on 6 April 2026, and on 5 April 2026 none were in force." in lines["explanation"][0]
    assert lines["seconds_after_whole_minutes"].to_list() == [None, 1800]


def test_the_grade_of_a_line_is_the_lower_of_both_taps() -> None:
    taps = [tap("d", 1, "start", "2026-07-06 08:00:00", grade=4), tap("d", 2, "stop", "2026-07-06 08:30:00", grade=1)]

    assert only_line(settled([visit("v", "s1", "2026-07-06 08:00")], taps))["grade"] == 1
