"""Do several gateways keep one record between them? Any order, repetition and rivalry of batches ends in the same rows and receipts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calltime_gateway import flow
from calltime_gateway.store import DatabaseAway, Store
from calltime_wire.receipts import Receipt
from calltime_wire.refusals import Reason
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import keep, quarantined, rows
from fixtures.waiting import wait_until

Letters = Sequence[tuple[str, bytes]]

COUNT = 6
DOORS = [Door(f"side by side {number}") for number in range(3)]
SAID = [(door.topic, said.encode()) for door in DOORS for said in [*door.taps(COUNT - 1), door.boot()]]
BAD = [(DOORS[0].topic, b"rubbish"), (DOORS[1].topic, b"more rubbish")]

batches = st.lists(st.lists(st.sampled_from([*SAID, *BAD]), max_size=12), max_size=4)


def empty(dsn: str) -> None:
    """As it was migrated, and the doors enrolled."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # our own rule against it, for once
        connection.execute("TRUNCATE receipt, tap, untimed_tap, clock_record, declared_loss, quarantine, door_progress, door CASCADE")
    enrol(dsn, *DOORS)


def work(dsn: str, mine: Sequence[Letters], start: threading.Barrier, troubles: list[Exception]) -> None:
    try:
        with closing(Store(dsn)) as store:
            start.wait(10)
            for letters in mine:
                keep(store, letters)
    except Exception as trouble:  # noqa: BLE001 - whatever it is, a thread must not hide it
        troubles.append(trouble)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=batches, second=batches, order=st.permutations(SAID))
def test_whatever_two_gateways_get_each_record_is_stored_once(
    postgres_database: str, first: Sequence[Letters], second: Sequence[Letters], order: Letters
) -> None:
    empty(postgres_database)
    troubles, start = list[Exception](), threading.Barrier(2)
    halves = [[*first, order[::2]], [*second, order[1::2]]]
    gateways = [threading.Thread(target=work, args=(postgres_database, half, start, troubles)) for half in halves]
    for gateway in gateways:
        gateway.start()
    for gateway in gateways:
        gateway.join(60)

    assert troubles == []
    with closing(Store(postgres_database)) as store:
        receipts = keep(store, [(door.topic, b"and now?") for door in DOORS])
    assert [(receipts[door.device].through, receipts[door.device].also) for door in DOORS] == [(COUNT, ())] * len(DOORS)
    assert rows(postgres_database, "SELECT count(*), count(DISTINCT (device, seq)) FROM receipt") == [(len(SAID), len(SAID))]
    assert rows(postgres_database, "SELECT count(*), count(DISTINCT (device, seq)) FROM tap") == [(15, 15)]  # 3 doors × 5 taps
    assert rows(postgres_database, "SELECT count(*), count(DISTINCT (device, seq)) FROM clock_record") == [(3, 3)]


def test_a_lock_that_another_gateway_holds_too_long_is_waited_for_again(postgres_database: str) -> None:
    """One that hangs in mid-transaction keeps its doors for a while; who comes next is told to wait and not that the letter is bad."""
    empty(postgres_database)
    dsn = f"{postgres_database}&options=-c%20lock_timeout%3D100ms"

    with psycopg.connect(postgres_database) as holder, closing(Store(dsn)) as store:
        holder.execute("SELECT FROM door_progress WHERE device = %s FOR UPDATE", (DOORS[1].device,))
        with pytest.raises(DatabaseAway, match="lock timeout"):
            keep(store, SAID)
        holder.rollback()
        keep(store, SAID)

    assert rows(postgres_database, "SELECT count(*) FROM quarantine") == [(0,)]
    assert rows(postgres_database, "SELECT count(*) FROM receipt") == [(len(SAID),)]


def test_a_door_that_is_enrolled_while_a_batch_waits_for_its_locks_is_not_known_to_that_batch(postgres_database: str) -> None:
    """Nobody has locked it: another gateway may have letters of it, too."""
    empty(postgres_database)
    late = Door("enrolled in the middle")
    letters, receipts = [SAID[0], (late.topic, late.tap().encode())], dict[str, Receipt]()

    with psycopg.connect(postgres_database) as holder, closing(Store(postgres_database)) as store:
        holder.execute("SELECT FROM door_progress WHERE device = %s FOR UPDATE", (DOORS[0].device,))
        gateway = threading.Thread(target=lambda: receipts.update(keep(store, letters)))
        gateway.start()
        waits = "SELECT FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
        wait_until(lambda: rows(postgres_database, waits), within=10, what="the gateway to wait for a lock")
        enrol(postgres_database, late)
        holder.rollback()
        gateway.join(20)

        assert [aside.reason for aside in receipts[late.device].quarantined] == [Reason.UNKNOWN_DOOR]
        assert receipts[DOORS[0].device].through == 1
        assert len(flow.replay(store, quarantined(postgres_database)).new) == 1
