"""How is the gateway doing, in numbers for Prometheus and in words for people? Counted a batch at a time; no figure names a door."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from calltime_gateway.judging import Judged
from calltime_wire.broker_address import BrokerAddress
from calltime_wire.records import Boot, ClockSet, Tap
from calltime_wire.refusals import Reason

KINDS = {Tap: "tap", Boot: "boot", ClockSet: "clock"}
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
LAG = (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 172_800, 345_600)
"""Seconds, up to four days: late news is normal where a door has no network, and is no fault of the gateway."""
PREFIX = "calltime_gateway_"
WAITING = "Letters in memory that are in no batch yet; those of the batches under way are not counted."


class Spread:
    """How values are spread over ranges with these upper bounds, as Prometheus counts it."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        """Nothing is counted yet."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def add(self, values: Iterable[float]) -> None:
        """Count these."""
        for value in values:
            self._counts[bisect_left(self._bounds, value)] += 1
            self._sum += value

    def metric(self, name: str, says: str) -> Metric:
        """Write it as a histogram."""
        buckets, so_far = list[tuple[str, float]](), 0
        for bound, count in zip([*map(str, self._bounds), "+Inf"], self._counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        return HistogramMetricFamily(PREFIX + name, says, buckets=buckets, sum_value=self._sum)


class Figures(Collector):
    """What the gateway counts. Any thread may call anything; all is cheap, for it is called once a batch or when something changes."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Nothing has happened yet, and nobody is connected. `registry` is this gateway's own."""
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._beaten = monotonic()
        self._accepted = Counter(dict.fromkeys(KINDS.values(), 0))
        self._quarantined = Counter({reason.value: 0 for reason in Reason})
        self._duplicates = self._let_go = 0
        self._waiting: Callable[[], int] = lambda: 0
        self._unreceipted: int | None = None
        self._batch, self._keep, self._lag = Spread(RECORDS), Spread(SECONDS), Spread(LAG)
        self._brokers: dict[str, bool] = {}
        self._database = False
        self.registry = CollectorRegistry()
        self.registry.register(self)
        ProcessCollector(registry=self.registry)

    def kept(self, judged: Judged, *, received_at: datetime, seconds: float) -> None:
        """Count a batch that is committed; `seconds` is how long its transaction took."""
        kinds = Counter(KINDS[type(claimed.record)] for claimed in judged.new)
        reasons = Counter(refused.reason.value for _, refused in judged.refused)
        lag = [seconds + arriving for arriving in _lag(judged, received_at)]
        with self._lock:
            self._accepted.update(kinds)
            self._duplicates += len(judged.known)
            self._quarantined.update(reasons)
            self._batch.add([len(judged.new) + len(judged.known) + len(judged.refused)])
            self._keep.add([seconds])
            self._lag.add(lag)

    def let_go(self, number: int) -> None:
        """Count letters of a flood that were acknowledged and neither kept nor answered."""
        with self._lock:
            self._let_go += number

    def waiting(self, letters: Callable[[], int]) -> None:
        """Say how to find out how many letters wait: whoever took note of it could be what hangs."""
        self._waiting = letters

    def unreceipted(self, doors: int | None) -> None:
        """Say of how many doors something is stored beyond a gap; None: nobody knows at present."""
        self._unreceipted = doors

    def broker(self, address: BrokerAddress, *, connected: bool) -> None:
        """Say whether letters come from this broker."""
        with self._lock:
            self._brokers[str(address)] = connected

    def database(self, *, there: bool) -> None:
        """Say whether the database answers."""
        self._database = there

    def beat(self) -> None:
        """Say that the gateway moves, even if it only waits."""
        self._beaten = self._monotonic()

    def still_for(self) -> float:
        """Seconds since the last beat."""
        return self._monotonic() - self._beaten

    def trouble(self) -> tuple[str, ...]:
        """Say why no letter can be stored at present; empty when one can."""
        with self._lock:
            brokers = dict(self._brokers)
        says = []
        if not any(brokers.values()):
            whom = f" ({', '.join(brokers)})" if brokers else ""
            says.append(f"No broker is connected{whom}: no letter comes in, and doors keep what they have. Look whether the broker runs.")
        if not self._database:
            says.append("The database cannot be used: nothing is stored or acknowledged, and nothing is lost. The gateway's log says why.")
        return tuple(says)

    def collect(self) -> Iterator[Metric]:
        """Write everything as Prometheus reads it."""
        with self._lock:
            yield from self._counted()
            yield from self._as_it_is()

    def _counted(self) -> Iterator[Metric]:
        accepted = CounterMetricFamily(PREFIX + "accepted", "Records that were new and are stored.", labels=["kind"])
        for kind, number in self._accepted.items():
            accepted.add_metric([kind], number)
        quarantined = CounterMetricFamily(PREFIX + "quarantined", "Messages that could not be taken.", labels=["reason"])
        for reason, number in self._quarantined.items():
            quarantined.add_metric([reason], number)
        yield accepted
        yield quarantined
        yield CounterMetricFamily(PREFIX + "duplicates", "Records that were stored already.", value=self._duplicates)
        yield CounterMetricFamily(PREFIX + "let_go", "Letters of a flood, neither kept nor answered.", value=self._let_go)
        yield self._batch.metric("batch_records", "Letters that were stored in one transaction.")
        yield self._keep.metric("keep_seconds", "How long a batch's transaction took.")
        yield self._lag.metric("lag_seconds", "From a tap until it was stored, where the door knew the time.")

    def _as_it_is(self) -> Iterator[Metric]:
        brokers = GaugeMetricFamily(PREFIX + "broker_connected", "1 when letters can come from this broker.", labels=["broker"])
        for address, connected in self._brokers.items():
            brokers.add_metric([address], connected)
        yield brokers
        yield GaugeMetricFamily(PREFIX + "database_up", "1 when the database answered last.", value=self._database)
        yield GaugeMetricFamily(PREFIX + "waiting_letters", WAITING, value=self._waiting())
        if self._unreceipted is not None:
            says = "Doors of which records are stored beyond a gap, so that no receipt lets them forget these."
            yield GaugeMetricFamily(PREFIX + "doors_unreceipted", says, value=self._unreceipted)
        yield InfoMetricFamily(PREFIX + "build", "The version that runs.", value={"version": version("calltime")})


def _lag(judged: Judged, received_at: datetime) -> Iterator[float]:
    for claimed in judged.new:
        record = claimed.record
        if type(record) is Tap and record.data.clock.sync != "none":
            yield max(0.0, (received_at - record.at).total_seconds())  # a door may be a little ahead of us
