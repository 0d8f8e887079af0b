"""Counts what became of every row of ingested partitions, and compares a sample of them with what Redis holds.

`python -m featuremill_sinks.verification --feature-source /data/feature_source --pipeline carrier_daily_quality
--date 2013-01-01 --redis ...`, after the batch ingestion job of the same arguments has ended. It looks at nothing that
the job says of itself: it reads the partitions (by pyarrow) and the stamps `@<pipeline>` in Redis, and prints a report
as JSON:

    {"rows": 14, "written": 14, "guarded": 0, "rejected": {}, "missing": 0, "missing_keys": [],
     "compared": 14, "different": []}

A row is *written* if its stamp stands in Redis, *guarded* if a newer one does, *rejected* if it has no key, event time
or features, if a value of it is longer than the sink's `value.max-bytes`, or if Redis refused it, which is a dead
letter: `--refused` takes the keys of those. One that is none of these is *missing*: it was lost. Exit codes: 0 every
row accounted for and every compared value equal, 1 not so, 2 a mistake in the arguments.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from featuremill_sinks.batch_ingestion import add_partitions, choose_days, partition_path
from featuremill_sinks.options import SinkOptions
from featuremill_sinks.program import Parser, refuse

ROWS_AT_ONCE = 10_000
MOST_NAMED = 100


@dataclass(frozen=True)
class Row:
    """A row of the feature source; `event_time` in milliseconds, `sequence` as the sink gets it: 0 in a partition."""

    entity_key: str | None
    event_time: int | None
    features: Mapping[str, str | None]
    sequence: int = 0


R = TypeVar("R", bound=Row)


@dataclass
class Report:
    """What became of the rows. `rejected` counts by reason; `different` names values that are not those of the row."""

    rows: int = 0
    written: int = 0
    guarded: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    missing_keys: list[str] = field(default_factory=list)
    compared: int = 0
    different: list[str] = field(default_factory=list)

    def reject(self, reason: str) -> None:
        """Count a row that isn't in Redis for a reason that is known."""
        self.rejected[reason] = self.rejected.get(reason, 0) + 1

    @property
    def is_good(self) -> bool:
        """Whether every row is accounted for and every compared value is the row's."""
        return self.missing == 0 and not self.different


def rejection(row: Row, max_value_bytes: int) -> str | None:
    """The reason for which the batch ingestion job splits the row off (see `ddl.REASON`), or the sink does."""
    if not row.entity_key:
        return "null-key"
    if row.event_time is None:
        return "null-event-time"
    if not row.features:
        return "bad-features"
    values = (value for value in row.features.values() if value is not None)
    return "too-large" if any(_is_longer(value, max_value_bytes) for value in values) else None


def _is_longer(text: str, most: int) -> bool:
    """Whether the text has more bytes in UTF-8, where a character has at most 4."""
    return 4 * len(text) > most and len(text.encode()) > most


def verify(
    rows: Iterable[Sequence[R]],
    redis: Any,
    pipeline: str,
    every: int,
    rejection: Callable[[R], str | None],
    refused: Collection[str] = (),
) -> tuple[Report, list[R]]:
    """The report on these rows, and the written ones among every so-manieth, whose values were compared.

    `rejection` tells for which reason a row should not be in Redis, None for one that should; `refused` are the
    keys of rows that Redis refused.
    """
    report = Report()
    compared: list[R] = []
    for batch in rows:
        sampled = {number for number in range(len(batch)) if (report.rows + number) % every == 0}
        report.rows += len(batch)
        good: list[tuple[int, R]] = []
        for number, row in enumerate(batch):
            reason = rejection(row)
            if reason is not None:
                report.reject(reason)
            else:
                good.append((number, row))
        written = _judge(good, redis, pipeline, report, refused)
        compared += _compare([row for number, row in written if number in sampled], redis, pipeline, report)
    return report, compared


def _judge(
    good: Sequence[tuple[int, R]], redis: Any, pipeline: str, report: Report, refused: Collection[str]
) -> list[tuple[int, R]]:
    """Count the rows by their stamps; those that are written."""
    stamps = redis.pipeline(transaction=False)
    for _, row in good:
        stamps.hget(row.entity_key, f"@{pipeline}")
    written = []
    for (number, row), stamp in zip(good, stamps.execute(), strict=True):
        wanted = (row.event_time, row.sequence)
        found = tuple(map(int, stamp.rsplit("-", 1))) if stamp is not None else None
        if found == wanted:
            report.written += 1
            written.append((number, row))
        elif found is not None and row.event_time is not None and found > wanted:
            report.guarded += 1
        elif row.entity_key in refused:
            report.reject("redis")
        else:
            report.missing += 1
            report.missing_keys += [str(row.entity_key)] if len(report.missing_keys) < MOST_NAMED else []
    return written


def _compare(rows: Sequence[R], redis: Any, pipeline: str, report: Report) -> list[R]:
    """Compare every value of the rows with Redis; a null feature must not be there. The rows that could be compared:
    not those for which another job has written something newer by now.
    """
    hashes = redis.pipeline(transaction=False)
    for row in rows:
        hashes.hmget(row.entity_key, [f"@{pipeline}", *row.features])
    compared = []
    for row, (stamp, *values) in zip(rows, hashes.execute(), strict=True):
        if stamp != f"{row.event_time}-{row.sequence}":
            continue
        compared.append(row)
        for (name, wanted), found in zip(row.features.items(), values, strict=True):
            if found != wanted and len(report.different) < MOST_NAMED:
                report.different.append(
                    f"{row.entity_key} {name}: {wanted!r} in the feature source, {found!r} in Redis"
                )
    report.compared += len(compared)
    return compared


def read_rows(paths: Sequence[str]) -> Iterator[list[Row]]:
    """The rows of partitions, some thousand at once. Ends the program, exit code 1, if they can't be read."""
    import pyarrow
    import pyarrow.dataset

    milliseconds = pyarrow.timestamp("ms", tz="UTC")
    try:
        for path in paths:
            files = pyarrow.dataset.dataset(path, format="parquet")
            for batch in files.to_batches(["entity_key", "event_time", "features"], batch_size=ROWS_AT_ONCE):
                times = batch.column(1).cast(milliseconds, safe=False).cast(pyarrow.int64())
                columns = (batch.column(0).to_pylist(), times.to_pylist(), batch.column(2).to_pylist())
                yield [Row(key, time, dict(features or ())) for key, time, features in zip(*columns, strict=True)]
    except (OSError, pyarrow.ArrowException) as error:
        refuse(f"the partitions can't be read: {error}")


def count_rows(paths: Sequence[str]) -> int:
    """How many rows partitions have, from what their files say of themselves."""
    import pyarrow.dataset

    return sum(pyarrow.dataset.dataset(path, format="parquet").count_rows() for path in paths)


def connect(options: SinkOptions) -> Any:
    """A client of the Redis that the sink's options name."""
    import redis

    secure = {"tls.enabled": "ssl", "tls.ca-file": "ssl_ca_certs"}
    secure |= {"tls.certificate-file": "ssl_certfile", "tls.key-file": "ssl_keyfile"}
    names = {"host": "host", "port": "port", "unix-socket": "unix_socket_path", "database": "db"}
    names |= {"username": "username", "password": "password", **secure}
    given: dict[str, Any] = {names[name]: options[name] for name in names if options[name] not in (None, False)}
    return redis.Redis(decode_responses=True, **given)


def keys_argument(path: str) -> frozenset[str]:
    """The keys in a file of JSON strings, one a line. Raises ArgumentTypeError."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        keys = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise ArgumentTypeError(f"can't be read: {error}") from None
    if not all(isinstance(key, str) for key in keys):
        raise ArgumentTypeError("each line has to be a JSON string")
    return frozenset(keys)


def main(arguments: list[str]) -> int:
    """Print the report; the exit code."""
    parser = Parser("Counts what became of every row of ingested partitions, and compares a sample with Redis.")
    add_partitions(parser)
    help = "how many rows' values are compared, about (default: %(default)s)"
    parser.add_argument("--sample", type=int, default=1000, metavar="N", help=help)
    parser.add_argument("--rows", metavar="FILE", help="write the compared rows there, one JSON object a line")
    help = "keys of rows that Redis refused, each a line with a JSON string"
    parser.add_argument("--refused", type=keys_argument, default=(), metavar="FILE", help=help)
    given = parser.parse_all(arguments)
    choose_days(parser, given)
    paths = [partition_path(given.feature_source, given.pipeline, day).removeprefix("file://") for day in given.days]
    every = max(1, count_rows(paths) // max(1, given.sample))
    options = parser.sink_options(given, {"on-bad-row": "fail"})
    longest = options["value.max-bytes"]
    assert isinstance(longest, int)
    why = partial(rejection, max_value_bytes=longest)
    report, compared = verify(read_rows(paths), connect(options), given.written_as, every, why, given.refused)
    if given.rows is not None:
        with open(given.rows, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in compared)
    print(json.dumps(asdict(report), ensure_ascii=False))
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
