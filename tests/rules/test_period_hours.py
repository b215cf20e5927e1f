"""Agreed, contingency and planned hours of a period, complete units, and a provider's week."""

from fixtures.period_frames import frame_of, made, minutes, step_terms, taken, terms_with, weekly

AGREED = step_terms("agreed_hours")
CONTINGENCY = step_terms("contingency_hours")
FLEX = step_terms("percent_of_planned", percent=10)


def test_agreed_hours_are_one_pool_however_the_weeks_differ() -> None:
    # Bury: 20/10/20/10 h in the four weeks come to the agreed 60 h.
    weeks = [(0, 20), (7, 10), (14, 20), (21, 10)]
    frame = taken(frame_of(*(made(day, hours * 60, agreed_minutes=3600) for day, hours in weeks)), terms_with(AGREED))

    assert frame["seconds_after_agreed_hours"].sum() == 60 * 3600
    assert frame["seconds_parked_by_agreed_hours"].sum() == 0


def test_what_is_above_the_agreed_hours_is_parked_and_the_line_on_the_edge_is_paid_in_part() -> None:
    # 100 min agreed: 60 + 40 of the second 60; 20 + 60 are parked.
    frame = taken(frame_of(*(made(day, 60, agreed_minutes=100) for day in (0, 1, 2))), terms_with(AGREED))

    assert minutes(frame, "seconds_after_agreed_hours") == [60, 40, 0]
    assert minutes(frame, "seconds_parked_by_agreed_hours") == [0, 20, 60]
    assert frame["told_seconds_after_agreed_hours"].to_list() == [
        "Agreed hours (7.1): 60 min, all within them.",
        "Agreed hours (7.1): 40 min, 20 min above them parked. An authorised contingency or a changed package releases it.",
        "Agreed hours (7.1): 0 min, 60 min above them parked. An authorised contingency or a changed package releases it.",
    ]


def test_each_period_has_its_own_agreed_hours() -> None:
    # 60 min for each of two periods: 60 and 60 of 90 and 90.
    frame = taken(frame_of(made(27, 90, agreed_minutes=60), made(28, 90, agreed_minutes=60)), terms_with(AGREED))

    assert minutes(frame, "seconds_after_agreed_hours") == [60, 60]


def test_a_package_that_is_not_agreed_in_hours_is_left_alone() -> None:
    frame = taken(frame_of(made(0, 90)), terms_with(AGREED))

    assert minutes(frame, "seconds_after_agreed_hours") == [90]
    assert frame["told_seconds_after_agreed_hours"].to_list() == [None]


def test_an_authorised_contingency_releases_parked_time_in_order() -> None:
    # 60 agreed and 30 authorised, of 60 + 20 + 60: paid 60, 20, 10; 50 stay parked.
    rows = [made(day, length, agreed_minutes=60, contingency_minutes=30) for day, length in ((0, 60), (1, 20), (2, 60))]
    frame = taken(frame_of(*rows), terms_with(AGREED, CONTINGENCY))

    assert minutes(frame, "seconds_after_contingency_hours") == [60, 20, 10]
    parked = frame["seconds_parked_by_agreed_hours"] + frame["seconds_parked_by_contingency_hours"]
    assert (parked // 60).to_list() == [0, 0, 50]
    assert frame["told_seconds_after_contingency_hours"].to_list() == [
        None,
        "Contingency hours (7.1): 20 min of those authorised, so 20 min in all.",
        "Contingency hours (7.1): 10 min of those authorised, so 10 min in all.",
    ]


def test_without_an_authorised_contingency_nothing_is_released() -> None:
    frame = taken(frame_of(made(0, 120, agreed_minutes=60)), terms_with(AGREED, CONTINGENCY))

    assert minutes(frame, "seconds_after_contingency_hours") == [60]
    assert frame["told_seconds_after_contingency_hours"].item() == "Contingency hours (7.1): none are left or authorised for what is above."


def test_eleven_hours_of_ten_planned_are_within_ten_per_cent() -> None:
    # Cardiff: planned 5 × 120 min = 10 h, and 10 % more is 11 h. Delivered 5 × 132 min = 11 h.
    frame = taken(frame_of(*weekly([made(day, 132, planned=120) for day in range(5)])), terms_with(FLEX, length="week"))

    assert minutes(frame, "seconds_after_percent_of_planned") == [132] * 5


def test_of_eleven_and_a_half_hours_of_ten_planned_half_an_hour_is_parked() -> None:
    # 5 × 138 min = 690 min = 11.5 h. 660 min are paid: 4 × 138 = 552, and 108 of the last 138; 30 are parked.
    frame = taken(frame_of(*weekly([made(day, 138, planned=120) for day in range(5)])), terms_with(FLEX, length="week"))

    assert minutes(frame, "seconds_after_percent_of_planned") == [138, 138, 138, 138, 108]
    assert minutes(frame, "seconds_parked_by_percent_of_planned") == [0, 0, 0, 0, 30]


def test_a_missed_visit_leaves_its_planned_time_to_the_others_and_an_absent_one_does_not() -> None:
    # Planned 60 + 60, pool 132 min (10 % more). With the second of them absent: planned 60, pool 66 min.
    missed = taken(frame_of(*weekly([made(0, 130), made(1, None)])), terms_with(FLEX))
    absent = taken(frame_of(*weekly([made(0, 130), made(1, None, delivery="absent")])), terms_with(FLEX))

    assert minutes(missed, "seconds_after_percent_of_planned") == [130, 0]
    assert minutes(absent, "seconds_after_percent_of_planned") == [66, 0]


def test_fifty_nine_minutes_are_three_complete_units_of_a_quarter_of_an_hour() -> None:
    terms = terms_with(step_terms("complete_units", minutes=15, rolls_over=False))
    frame = taken(frame_of(made(0, 59)), terms)

    assert minutes(frame, "seconds_after_complete_units") == [45]
    assert frame["told_seconds_after_complete_units"].item() == "Complete units of 15 min (7.1): 45 min, 14 min left over, not paid."


def test_what_is_left_over_of_a_carers_visits_completes_a_later_unit() -> None:
    # 2 h 55 min: 2 h now, and 55 min over. With 30 min on another day 85 min are over: 1 h of them now, and 25 min over.
    terms = terms_with(step_terms("complete_units", minutes=60))
    frame = taken(frame_of(made(0, 175), made(3, 30)), terms)

    assert minutes(frame, "seconds_after_complete_units") == [120, 60]
    assert frame["told_seconds_after_complete_units"].to_list() == [
        "Complete units of 60 min (7.1): 120 min, 55 min left over, for her later visits here in this period.",
        "Complete units of 60 min (7.1): 60 min, 30 min of it left over from her earlier visits here.",
    ]


def test_what_is_left_over_rolls_to_no_other_provider() -> None:
    terms = terms_with(step_terms("complete_units", minutes=60))
    frame = taken(frame_of(made(0, 40), made(1, 40, provider="p2")), terms)

    assert minutes(frame, "seconds_after_complete_units") == [0, 0]


def test_what_is_left_over_rolls_to_no_other_carer_and_no_other_period() -> None:
    terms = terms_with(step_terms("complete_units", minutes=60))
    frame = taken(frame_of(made(0, 40), made(1, 40, carer="c2"), made(28, 40)), terms)

    assert minutes(frame, "seconds_after_complete_units") == [0, 0, 0]


def test_above_a_providers_weekly_ceiling_it_is_parked_or_refused_or_only_reported() -> None:
    # A ceiling of 100 min, for 60 of one package and 60 of another: 40 of the second, and 20 above it.
    rows = [made(0, 60), made(1, 60, package="k2", service_user="s2"), made(7, 60), made(1, 60, provider="p2", visit_id="other")]
    parked, refused, reported = (
        taken(frame_of(*rows), terms_with(step_terms("weekly_ceiling", minutes=100, beyond=beyond)))
        for beyond in ("park", "refuse", "report")
    )

    assert minutes(parked, "seconds_after_weekly_ceiling") == [60, 60, 40, 60]  # "other" stands before v001 on the same hour
    assert minutes(parked, "seconds_parked_by_weekly_ceiling") == [0, 0, 20, 0]
    assert minutes(refused, "seconds_after_weekly_ceiling") == [60, 60, 40, 60]
    assert "seconds_parked_by_weekly_ceiling" not in refused.columns
    assert minutes(reported, "seconds_after_weekly_ceiling") == [60, 60, 60, 60]
    assert minutes(reported, "seconds_beyond_weekly_ceiling") == [0, 0, 20, 0]
    assert reported["told_seconds_after_weekly_ceiling"][2] == (
        "Ceiling of 1 h 40 min a week (7.1): 60 min, 20 min above it paid as well, and reported."
    )


def test_a_ceiling_for_named_providers_leaves_the_others_alone() -> None:
    terms = terms_with(step_terms("weekly_ceiling", minutes=30, providers=("small",)))
    frame = taken(frame_of(made(0, 60, provider="small"), made(1, 60, provider="large")), terms)

    assert minutes(frame, "seconds_after_weekly_ceiling") == [30, 60]
    assert frame["told_seconds_after_weekly_ceiling"].is_null().to_list() == [False, True]
