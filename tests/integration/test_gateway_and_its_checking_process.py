"""Is a signature judged the same wherever it is checked, and does it not matter when the process that checks ends?"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from calltime_gateway import checking, judging
from calltime_gateway.checking import FEW, Checker, Claim
from calltime_gateway.store import Store
from calltime_gateway.verifying import Verifying
from calltime_wire import jws
from fixtures.plain_doors import Door, Es256Signer, enrol
from fixtures.waiting import wait_until


@pytest.fixture
def checker() -> Iterator[Checker]:
    with closing(Checker()) as checker:
        yield checker


def claims(door: Door, count: int) -> list[Claim]:
    signed = [jws.split(said) for said in door.taps(count)]
    return [Claim(parts.alg, door.signer.public_key, parts.signing_input, parts.signature) for parts in signed]


def test_many_are_judged_as_few_are(checker: Checker) -> None:
    asked = [*claims(Door("a reader"), FEW), *claims(Door("a phone", signer=Es256Signer(7)), FEW)]
    false = [Claim(claim.alg, claim.public_key, claim.message + b"!", claim.signature) for claim in asked]
    empty = [Claim(claim.alg, claim.public_key, claim.message, b"") for claim in asked]

    assert list(checker.ask(asked)()) == [checker.ask([claim])()[0] for claim in asked] == [True] * len(asked)
    assert list(checker.ask([*false, *empty])()) == [False] * 2 * len(asked)


def test_when_the_process_ends_the_answer_is_the_same(checker: Checker) -> None:
    asked = claims(Door("a reader"), FEW)
    checker.ask(asked)()
    process = checker._process
    assert process is not None
    process.kill()
    process.wait()

    assert list(checker.ask(asked)()) == [True] * FEW
    assert list(checker.ask(asked)()) == [True] * FEW
    assert checker._process is not process


@pytest.mark.parametrize("count", [FEW, 100 * FEW])
def test_when_the_process_hangs_the_answer_is_the_same_and_another_is_started(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """A few questions still go out, many do not fit into the line."""
    monkeypatch.setattr(checking, "PATIENCE", 0.5)
    one = claims(Door("a reader"), FEW)
    with closing(Checker()) as checker:
        # On a busy machine it may not be up in so short a time.
        wait_until(lambda: checker.ask(one)() and checker._process, within=20, what="the process")
        hanging = checker._process
        assert hanging is not None
        hanging.send_signal(signal.SIGSTOP)

        assert list(checker.ask(one * (count // FEW))()) == [True] * count
        assert hanging.returncode is not None
        assert list(checker.ask(one)()) == [True] * FEW


def test_a_batch_is_verified_with_the_keys_of_the_doors_that_are_enrolled(postgres_database: str) -> None:
    known, unknown, phone = Door("known"), Door("unknown"), Door("a phone", signer=Es256Signer(7))
    enrol(postgres_database, known, phone)
    forged = phone.tap().rpartition(".")[0] + "." + known.tap().rpartition(".")[2]
    said = [(known, known.tap()), (unknown, unknown.tap()), (phone, phone.tap()), (phone, forged), (known, "rubbish")]
    read = [judging.read(door.topic, one.encode()) for door, one in said * FEW]

    with closing(Verifying(Store(postgres_database))) as verifying:
        readings = verifying.begin(read)()

    assert [reading.signed for reading in readings] == [True, None, True, False, None] * FEW


def test_without_a_database_nobody_has_looked() -> None:
    door = Door("known")
    with closing(Verifying(Store("postgresql://nobody@127.0.0.1:1/nothing"))) as verifying:
        [reading] = verifying.begin([judging.read(door.topic, door.tap().encode())])()

    assert reading.signed is None
