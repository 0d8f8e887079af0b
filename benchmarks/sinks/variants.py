"""Who is measured, how, and on how many of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# a round's rows lie in so many files, which is what shares of them are made of
FILES = 20


class Way(Enum):
    """A way to write; its value is what people read."""

    LIMIT_HSET = "limit: HSET"
    LIMIT_TRANSACTION = "limit: as ours without the guard"
    LIMIT_GUARDED = "limit: as ours with the guard"
    BLACKHOLE = "blackhole"
    HSET_PER_ROW = "one HSET per row"
    ASYNC_SINK_BASE = "AsyncSinkBase"
    UNGUARDED = "ours without the guard"
    GUARDED = "ours with the guard"


LIMITS = {Way.LIMIT_HSET: "hset", Way.LIMIT_TRANSACTION: "transaction", Way.LIMIT_GUARDED: "guarded"}
OURS = (Way.UNGUARDED, Way.GUARDED)


class Load(Enum):
    """How many of a round's files are read."""

    FULL = FILES
    HALF = FILES // 2
    FIFTH = FILES // 5
    # a file for each of two writers, a tenth of the others' size: a round trip a row through a delay takes so long
    TINY = 2


TINY_SHARE = 10


@dataclass(frozen=True)
class Variant:
    """What is measured once in each round."""

    way: Way
    parallelism: int
    load: Load
    delayed: bool = False

    @property
    def title(self) -> str:
        """For progress and reports."""
        how = "" if self.way in LIMITS else f", parallelism {self.parallelism}"
        return f"{self.way.value}{how}{', 0.5 ms each way' if self.delayed else ''}"


# in the order in which a round runs them
VARIANTS = [
    *(Variant(way, 1, Load.FULL) for way in LIMITS),
    Variant(Way.BLACKHOLE, 2, Load.FULL),
    Variant(Way.HSET_PER_ROW, 2, Load.FIFTH),
    Variant(Way.ASYNC_SINK_BASE, 2, Load.FULL),
    *(Variant(way, 2, Load.FULL) for way in OURS),
    Variant(Way.HSET_PER_ROW, 2, Load.TINY, delayed=True),
    Variant(Way.ASYNC_SINK_BASE, 2, Load.FULL, delayed=True),
    *(Variant(way, 2, Load.FULL, delayed=True) for way in OURS),
    Variant(Way.BLACKHOLE, 1, Load.HALF),
    *(Variant(way, 1, Load.HALF) for way in OURS),
]


def sink_options(way: Way, port: int, kafka: str) -> dict[str, str]:
    """The options of the table that a Flink job writes to; ours with their defaults but for the guard."""
    if way is Way.BLACKHOLE:
        return {"connector": "blackhole"}
    redis = {"host": "127.0.0.1", "port": str(port)}
    if way in OURS:
        letters = {"dead-letter.topic": "features-dead-letter", "dead-letter.bootstrap-servers": kafka}
        guard = "event-time" if way is Way.GUARDED else "none"
        return {"connector": "featuremill-redis", "writer": "batch", "write.guard": guard} | redis | letters
    return {"connector": "featuremill-redis-bench", "kind": way.name} | redis
