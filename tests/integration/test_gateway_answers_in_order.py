"""Does a door hear of its records before the broker forgets them, also from a gateway that is told to leave?"""

from __future__ import annotations

import threading

from calltime_gateway import broker_line
from calltime_gateway.bell import Bell
from calltime_gateway.broker_access import Access
from calltime_gateway.broker_line import BrokerLine
from calltime_gateway.letters import Letters
from calltime_gateway.packets import Published
from calltime_wire import broker_address
from fixtures.inboxes import office
from fixtures.plain_doors import Door
from fixtures.scripted_broker import ScriptedBroker, acknowledgement, message

DOOR = Door("somebody")


def test_each_receipt_goes_before_the_acknowledgement_of_what_it_is_for() -> None:
    mids = range(1, 501)
    with ScriptedBroker() as broker, office(broker.url, let_in=0) as gateway, broker.let_in() as line:
        line.sendall(b"".join(message(DOOR.topic, b"%d" % mid, mid=mid) for mid in mids))
        for letter in gateway.take_until(len(mids)):
            letter.line.send("receipts", letter.payload.decode())
            letter.acknowledge()
        heard = broker.listen(line, for_packets=2 * len(mids))

    place = {packet.payload if isinstance(packet, Published) else packet: number for number, packet in enumerate(heard)}
    assert [mid for mid in mids if place[b"%d" % mid] > place[acknowledgement(mid)]] == []


class ToldToLeave(threading.Event):
    """Set just as a batch is finished: no turn has seen its receipt yet."""

    def __init__(self, letters: Letters) -> None:
        super().__init__()
        self._letters = letters

    def is_set(self) -> bool:
        for letter in self._letters.take(at_most=1, within=0):
            letter.line.send("receipts", "stored")
            letter.acknowledge()
            self.set()
        return super().is_set()


def test_what_the_last_batch_has_left_goes_out_before_the_gateway_leaves() -> None:
    letters, bell = Letters(count_let_go=lambda _: None), Bell()
    with ScriptedBroker() as broker:
        access = Access(broker=broker_address.parse(broker.url), client="calltime-gateway", username=None, password_file=None, ca_file=None)
        called = broker_line.call(access, "5", window=10, letters=letters, bell=bell)
        assert isinstance(called, BrokerLine)
        leaving = threading.Thread(target=called.serve, kwargs={"until": ToldToLeave(letters), "let_in": lambda: None})
        leaving.start()
        with broker.let_in() as line:
            line.sendall(message(DOOR.topic, b"a record", mid=1))
            receipt, acknowledged, *_ = broker.listen(line, for_packets=2)
        leaving.join(10)
    bell.close()

    assert isinstance(receipt, Published)
    assert (receipt.payload, acknowledged) == (b"stored", acknowledgement(1))
