"""Does the gateway go on with a door that says what it has lost, and pretend nothing? Its own flow on real databases."""

from __future__ import annotations

import re
import threading
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest

from calltime_gateway import flow, judging
from calltime_gateway.desk import RANGES
from calltime_gateway.store import Store
from calltime_sim.services.programs import ask_server
from calltime_wire.receipts import SetAside
from calltime_wire.refusals import Reason
from fixtures.plain_doors import Door, enrol
from fixtures.post_room import ARRIVAL, deliver, digest_of, keep, quarantined, rows


@pytest.fixture
def door(database: str) -> Door:
    """An enrolled door."""
    door = Door("forgetful")
    enrol(database, door)
    return door


def lost(dsn: str) -> list[tuple[int, int, int]]:
    """The ranges that are declared lost, and by which boot."""
    return [(first, last, by) for first, last, by in rows(dsn, "SELECT first, last, declared_by FROM declared_loss ORDER BY first")]


def test_what_is_declared_lost_is_not_waited_for(database: str, door: Door) -> None:
    before = door.taps(2)
    deliver(database, door, *before)

    boot = door.boot(seq=6, prev=None, lost=((3, 5),))
    after = door.tap()
    receipt = deliver(database, door, boot, after)

    assert (receipt.through, receipt.digest, receipt.also, receipt.quarantined) == (7, digest_of(after), (), ())
    assert lost(database) == [(3, 5, 6)]
    assert rows(database, "SELECT received_at FROM declared_loss") == [(ARRIVAL,)]
    assert rows(database, "SELECT seq FROM receipt ORDER BY seq") == [(1,), (2,), (6,), (7,)]


def test_a_loss_that_is_told_again_is_written_once(database: str, door: Door) -> None:
    boot = door.boot(seq=6, prev=None, lost=((1, 2), (4, 5)))

    first = deliver(database, door, boot, boot)
    again = deliver(database, door, boot)

    assert again == first
    assert lost(database) == [(1, 2, 6), (4, 5, 6)]


def test_a_gap_that_nobody_declared_lost_is_still_waited_for(database: str, door: Door) -> None:
    first, second, third = door.taps(3)
    boot = door.boot(seq=8, prev=None, lost=((2, 2), (4, 7)))

    beyond = deliver(database, door, first, boot)
    complete = deliver(database, door, third)
    late = deliver(database, door, second)

    assert (beyond.through, beyond.digest, beyond.also) == (1, digest_of(first), ((8, 8),))
    assert (complete.through, complete.digest, complete.also) == (8, digest_of(boot), ())
    assert late == complete  # it was under way: stored, and counted where it belongs
    assert rows(database, "SELECT seq FROM tap ORDER BY seq") == [(1,), (2,), (3,)]


def test_what_is_told_as_stored_beyond_a_gap_is_stored_and_not_lost(database: str, door: Door) -> None:
    first, second, _, fourth = door.taps(4)
    boot = door.boot(seq=8, prev=None, lost=((3, 3), (5, 7)))

    receipt = deliver(database, door, second, fourth, boot)

    assert (receipt.through, receipt.also) == (0, ((2, 2), (4, 4), (8, 8)))
    assert deliver(database, door, first).through == 8


def test_the_office_may_hold_what_the_door_has_lost(database: str, door: Door) -> None:
    deliver(database, door, *door.taps(5))

    receipt = deliver(database, door, door.boot(seq=6, prev=None, lost=((1, 5),)), door.tap())

    assert (receipt.through, receipt.quarantined) == (7, ())


def test_a_second_loss_stands_beside_the_first(database: str, door: Door) -> None:
    deliver(database, door, door.boot(seq=6, prev=None, lost=((1, 5),)))

    receipt = deliver(database, door, door.boot(seq=20, prev=None, lost=((1, 19),)))

    assert receipt.through == 20
    assert lost(database) == [(1, 5, 6), (1, 19, 20)]


def test_a_boot_that_is_refused_declares_nothing(database: str, door: Door) -> None:
    said = door.taps(3)
    deliver(database, door, *said)
    unfounded = door.boot(seq=9, prev=None, lost=((5, 7),))
    taken = door.boot(seq=3, prev=None, lost=((1, 2),))

    receipt = deliver(database, door, unfounded, taken)

    assert receipt.quarantined == (
        SetAside(digest=digest_of(unfounded), seq=9, reason=Reason.CHAIN_BROKEN),
        SetAside(digest=digest_of(taken), seq=3, reason=Reason.FORK),
    )
    assert receipt.through == 3
    assert lost(database) == []


def test_a_loss_that_waited_in_quarantine_is_taken_as_of_its_first_arrival(database: str) -> None:
    door = Door("early")
    said = [door.boot(seq=6, prev=None, lost=((1, 5),)), door.tap()]
    deliver(database, door, *said)
    enrol(database, door)

    with closing(Store(database)) as store:
        replayed = flow.replay(store, quarantined(database))

    assert (len(replayed.new), replayed.refused) == (2, ())
    assert rows(database, "SELECT first, last, received_at FROM declared_loss") == [(1, 5, ARRIVAL)]
    assert rows(database, "SELECT through FROM door_progress") == [(7,)]


def test_two_gateways_that_hear_of_a_loss_and_of_what_is_lost_agree(database: str, door: Door) -> None:
    """The boot comes to one gateway while the records that it declares lost come late to the other."""
    said = door.taps(60)
    boot = door.boot(seq=61, prev=None, lost=((21, 60),))
    after = door.taps(20)
    together, troubles = threading.Barrier(2), list[Exception]()

    def work(mine: list[str]) -> None:
        with closing(Store(database)) as store:
            together.wait(10)
            try:
                for one in mine:
                    keep(store, [(door.topic, one.encode())])
            except psycopg.Error as error:
                troubles.append(error)

    halves = [[*said[:20], boot, *after], [*said[59:19:-1], boot]]
    gateways = [threading.Thread(target=work, args=(mine,)) for mine in halves]
    for gateway in gateways:
        gateway.start()
    for gateway in gateways:
        gateway.join(60)

    assert troubles == []
    assert lost(database) == [(21, 60, 61)]
    assert rows(database, "SELECT count(*), max(seq) FROM receipt") == [(81, 81)]
    assert rows(database, "SELECT through FROM door_progress") == [(81,)]
    assert rows(database, "SELECT count(*) FROM quarantine") == [(0,)]


def test_of_very_many_losses_each_answer_passes_a_part(database: str, door: Door) -> None:
    kept = door.taps(2 * RANGES)[1::2]
    gaps = [(seq, seq) for seq in range(1, 2 * RANGES, 2)]
    boots = [
        door.boot(seq=900, prev=None, lost=(*gaps[:60], (2 * RANGES + 1, 899))),
        door.boot(lost=tuple(gaps[60:])),
    ]

    first = deliver(database, door, *kept, *boots)
    second = deliver(database, door, boots[0])

    assert (first.through, first.also) == (2 * RANGES, ((900, 901),))
    assert (second.through, second.also) == (901, ())


def test_the_time_that_a_loss_is_told_is_that_of_its_arrival(database: str, door: Door) -> None:
    later = ARRIVAL + timedelta(days=3)
    with closing(Store(database)) as store:
        flow.keep([judging.read(door.topic, door.boot(seq=2, prev=None, lost=((1, 1),)).encode())], store=store, received_at=later)

    assert rows(database, "SELECT received_at FROM declared_loss") == [(later,)]


def status(database: str, *words: str) -> str:
    return ask_server(["status", *words], {"CALLTIME_DATABASE": database})


def test_people_are_told_which_door_lost_how_much_and_whom_to_ask(database: str, door: Door) -> None:
    deliver(database, door, *door.taps(2))
    assert "lost" not in status(database)

    deliver(database, door, door.boot(seq=6, prev=None, lost=((1, 5),)))

    assert (
        f"Door {door.device} (carer carer of {door.device}) has lost up to 3 records that never came here. "
        "It said so at 2025-10-06 09:00Z; its last tap before them was made at 2025-10-06 08:00Z.\n"
        f"Taps may be among them. Ask carer carer of {door.device} or the provider for the visits of that time. "
        "The damaged file is kept on the door.\n"
    ) in status(database)
    assert status(database, "--csv") == "doors,taps,quarantined,latest,lost\n1,2,0,2025-10-06T09:00:00Z,3\n"


def test_nobody_is_told_of_a_loss_of_what_the_office_holds(database: str, door: Door) -> None:
    first, *late = door.taps(5)
    deliver(database, door, first, door.boot(seq=6, prev=None, lost=((1, 5),)))
    assert "up to 4 records" in status(database)

    deliver(database, door, *late[:3])
    assert "has lost 1 record that" in status(database)

    deliver(database, door, late[3])
    assert "lost" not in status(database)


def test_a_record_that_was_lost_twice_counts_once(database: str, door: Door) -> None:
    deliver(database, door, door.boot(seq=6, prev=None, lost=((1, 5),)), door.boot(seq=20, prev=None, lost=((1, 19),)))

    told = status(database)

    assert re.findall(r"up to (\d+) records", told) == ["13", "5"]  # the latest loss first
    assert told.count("no tap of it before them, with a time that it knew, is stored") == 2
    assert status(database, "--csv").endswith(",18\n")
