"""What Prometheus is told. With several processes each writes into files of its place, which the parent adds up.

Labels are bounded: methods and codes by the protocol, feature sets by the registry.
"""

import time
from bisect import bisect_left

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from featuremill_serving.v1.serving_pb2 import FeatureStatus

_LATENCIES_S = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_AGES_S = (1, 10, 60, 300, 900, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)
_STATUSES = {number: name.removeprefix("FEATURE_STATUS_") for name, number in FeatureStatus.items() if number}
NO_SET = "-"
"""The label of requests that name features and no set."""


class QuickHistogram(Histogram):
    """A histogram that looks for a value's bucket by halves, and not one bucket after the other."""

    def observe(self, amount: float, exemplar: dict[str, str] | None = None) -> None:
        """Counts a value. Exemplars aren't kept."""
        self._sum.inc(amount)
        self._buckets[bisect_left(self._upper_bounds, amount)].inc(1)


class Metrics:
    """The metrics of one process. The child of each label is looked up once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "featuremill_requests", "Calls that ended, by their gRPC code", ["method", "code"], registry=self.registry
        )
        self._seconds = QuickHistogram(
            "featuremill_request_seconds",
            "From a request's arrival in the process to its answer",
            ["method"],
            buckets=_LATENCIES_S,
            registry=self.registry,
        )
        self._values = Counter(
            "featuremill_values", "Values given out, by status", ["feature_set", "status"], registry=self.registry
        )
        self._ages = QuickHistogram(
            "featuremill_value_age_seconds",
            "Age of the oldest value of an answer, by event time",
            ["feature_set"],
            buckets=_AGES_S,
            registry=self.registry,
        )
        self._redis_up = Gauge(
            "featuremill_redis_up", "1 where Redis can be read", multiprocess_mode="livemin", registry=self.registry
        )
        self._registry_loaded = Gauge(
            "featuremill_registry_loaded_timestamp_seconds",
            "When the registry in use was loaded",
            multiprocess_mode="livemin",
            registry=self.registry,
        )
        self._registry_refused = Counter(
            "featuremill_registry_refused",
            "Broken registries: the last one stayed",
            registry=self.registry,
        )
        self._callers_refused = Counter(
            "featuremill_callers_refused",
            "Broken files of callers, and keys of tokens that couldn't be had: the last ones stayed",
            registry=self.registry,
        )
        self._by_code: dict[tuple[str, str], Counter] = {}
        self._by_method: dict[str, QuickHistogram] = {}
        self._by_status: dict[tuple[str, int], Counter] = {}
        self._by_set: dict[str, QuickHistogram] = {}

    def ended(self, method: str, code: str, seconds: float) -> None:
        """A call has ended."""
        counter = self._by_code.get((method, code))
        if counter is None:
            counter = self._by_code[method, code] = self._requests.labels(method, code)
        counter.inc()
        histogram = self._by_method.get(method)
        if histogram is None:
            histogram = self._by_method[method] = self._seconds.labels(method)
        histogram.observe(seconds)

    def served(self, feature_set: str, statuses: bytearray, oldest_ms: int | None, now_ms: int) -> None:
        """An answer goes out. `feature_set` is a name that the registry knows, or empty; `oldest_ms` an event time."""
        left = len(statuses)
        for status in _STATUSES:
            count = statuses.count(status)
            if count:
                self._counter(feature_set, status).inc(count)
                left -= count
                if not left:
                    break
        if oldest_ms is not None:
            histogram = self._by_set.get(feature_set)
            if histogram is None:
                histogram = self._by_set[feature_set] = self._ages.labels(feature_set or NO_SET)
            # a clock that is behind the writer's makes no age below zero: a sum must not fall
            histogram.observe(max(0, now_ms - oldest_ms) / 1000)

    def redis_is(self, *, up: bool) -> None:
        self._redis_up.set(up)

    def registry_loaded(self) -> None:
        self._registry_loaded.set(time.time())

    def registry_refused(self) -> None:
        self._registry_refused.inc()

    def callers_refused(self) -> None:
        self._callers_refused.inc()

    def _counter(self, feature_set: str, status: int) -> Counter:
        counter = self._by_status.get((feature_set, status))
        if counter is None:
            counter = self._values.labels(feature_set or NO_SET, _STATUSES[status])
            self._by_status[feature_set, status] = counter
        return counter

    def text(self) -> bytes:
        """What a scrape of this process alone gets."""
        return generate_latest(self.registry)


def count_from_place(place: str) -> None:
    """Metrics that are made from now on keep their numbers in files of this place among several processes, and go on
    from what is there. By themselves they would have files of the process, which pile up as processes are replaced.
    """
    values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]


def text_of_all(folder: str) -> bytes:
    """What a scrape gets of all processes that write into the folder."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
