"""What became of the rows of a partition, counted from Redis alone."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

import pytest
from featuremill_local.ingestion_check import Check, problems
from featuremill_local.redis_server import RedisServer
from featuremill_local.runs import new_run
from featuremill_sinks import verification
from featuremill_sinks.verification import Report, Row, verify

PIPELINE = "quality"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with new_run("verification") as run:
        server = RedisServer(run.processes, run.ports)
        server.start()
        yield server.client()


LONGEST = 16
REJECTION = partial(verification.rejection, max_value_bytes=LONGEST)


@pytest.fixture
def redis(server: Any) -> Any:
    server.flushdb()
    return server


def row(key: str | None, time: int | None = 1000, **features: str | None) -> Row:
    return Row(key, time, features or {"x": "1"})


def write(redis: Any, key: str, stamp: str, **values: str) -> None:
    redis.hset(key, mapping={f"@{PIPELINE}": stamp, **values})


def report_on(redis: Any, *rows: Row, every: int = 1) -> Report:
    return verify(iter([list(rows[:2]), list(rows[2:])]), redis, PIPELINE, every, REJECTION)[0]


def test_every_row_is_accounted_for(redis):
    write(redis, "c:written", "1000-0", x="1")
    write(redis, "c:newer", "1001-0", x="2")
    write(redis, "c:later", "1000-1", x="2")
    write(redis, "c:older", "999-0", x="1")
    rows = [row("c:written"), row("c:newer"), row("c:later"), row(None), row(""), row("c:timeless", None)]
    rows += [Row("c:no-features", 1000, {}), row("c:older"), row("c:nowhere")]
    report = report_on(redis, *rows)
    assert (report.rows, report.written, report.guarded, report.missing) == (9, 1, 2, 2)
    assert report.rejected == {"null-key": 2, "null-event-time": 1, "bad-features": 1}
    assert report.missing_keys == ["c:older", "c:nowhere"]
    assert json.loads(json.dumps(asdict(report)))["rejected"] == report.rejected
    assert report.rows == report.written + report.guarded + report.missing + sum(report.rejected.values())
    assert not report.is_good


def test_rows_that_redis_refused_are_rejected_however_many(redis):
    write(redis, "c:newer", "1001-0", x="2")
    refused = {f"c:{number}" for number in range(2 * verification.MOST_NAMED)}
    rows = [row(key) for key in sorted(refused)] + [row("c:newer"), row("c:nowhere")]
    report, _ = verify(iter([rows]), redis, PIPELINE, 1, REJECTION, {*refused, "c:newer"})
    assert report.rejected == {"redis": len(refused)}
    assert (report.guarded, report.missing, report.missing_keys) == (1, 1, ["c:nowhere"])


def test_refused_keys_are_read_from_a_file(tmp_path):
    keys = tmp_path / "refused.jsonl"
    keys.write_text('"c:1"\n"c:\\u20282"\n', encoding="utf-8")
    assert verification.keys_argument(str(keys)) == {"c:1", "c:\u20282"}
    for broken in ("c:1\n", "3\n"):
        keys.write_text(broken, encoding="utf-8")
        with pytest.raises(ArgumentTypeError):
            verification.keys_argument(str(keys))


def test_values_are_compared_and_a_null_must_not_be_there(redis):
    write(redis, "c:1", "1000-0", x="1", y="", z="left")
    report = report_on(redis, row("c:1", x="1", y="", z=None, w=None))
    assert report.different == ["c:1 z: None in the feature source, 'left' in Redis"]
    assert not report.is_good
    redis.hdel("c:1", "z")
    assert report_on(redis, row("c:1", x="1", y="", z=None, w=None)).is_good
    assert report_on(redis, row("c:1", x="2")).different == ["c:1 x: '2' in the feature source, '1' in Redis"]


def test_a_row_of_a_topic_has_its_offset_in_its_stamp(redis):
    write(redis, "c:1", "1000-7", x="1")
    rows = [Row("c:1", 1000, {"x": "1"}, 6), Row("c:1", 1000, {"x": "1"}, 7), Row("c:1", 1000, {"x": "1"}, 8)]
    report = report_on(redis, *rows)
    assert (report.guarded, report.written, report.missing, report.compared) == (1, 1, 1, 1)


def test_what_was_overtaken_between_two_looks_is_not_compared(redis):
    class Overtaking:
        """A client behind whose second look another job has written."""

        def pipeline(self, transaction: bool) -> Any:
            if redis.hget("c:1", "y") is not None:
                write(redis, "c:1", "1001-0", x="2")
            redis.hset("c:1", "y", "looked at")
            return redis.pipeline(transaction=transaction)

    write(redis, "c:1", "1000-0", x="1")
    report, compared = verify(iter([[row("c:1", x="1")]]), Overtaking(), PIPELINE, 1, REJECTION)
    assert redis.hget("c:1", "x") == "2"
    assert (report.written, report.compared, compared, report.different) == (1, 0, [], [])


def test_reasons_may_be_known_from_elsewhere(redis):
    write(redis, "c:1", "1000-0", x="1")
    rows = [row("c:1"), row(None), Row("c:2", None, {})]
    report, _ = verify([rows], redis, PIPELINE, 1, lambda each: None if each.entity_key else "said")
    assert (report.written, report.rejected, report.missing_keys) == (1, {"said": 1}, ["c:2"])


def test_a_sample_is_spread_over_the_rows(redis):
    for number in range(9):
        write(redis, f"c:{number}", "1000-0", x="1")
    rows = [row(f"c:{number}") for number in range(9)]
    report, compared = verify(iter([rows[:4], rows[4:]]), redis, PIPELINE, 3, REJECTION)
    assert (report.written, report.compared) == (9, 3)
    assert [each.entity_key for each in compared] == ["c:0", "c:3", "c:6"]


def test_the_rules_for_bad_rows_are_the_jobs():
    from featuremill_sinks.ddl import REASON

    for reason in ("null-key", "null-event-time", "bad-features"):
        assert f"'{reason}'" in REASON
    assert verification.rejection(row("c:1"), LONGEST) is None


@pytest.mark.parametrize(("value", "reason"), [("ü" * 8, None), ("x" + "ü" * 8, "too-large"), ("x" * 17, "too-large")])
def test_a_value_that_the_sink_takes_for_too_long_is_rejected(value, reason):
    assert verification.rejection(row("c:1", x=None, y=value), LONGEST) == reason


GOOD = {"rows": 3, "written": 2, "guarded": 1, "rejected": {}, "missing": 0, "missing_keys": [], "compared": 2}


def test_the_line_and_the_problems():
    report = GOOD | {"different": []}
    assert problems(report, 3) == []
    assert Check(report, [], []).line() == (
        "verified: 3 rows read = 2 written + 0 rejected + 1 guarded; 2 rows read back and compared"
    )
    lost = GOOD | {"written": 1, "missing": 1, "missing_keys": ["c:1"], "different": ["c:2 x: 1, 2"]}
    assert problems(lost, 4) == [
        "c:2 x: 1, 2",
        "1 row of the feature source can't be found in Redis: c:1",
        "Spark wrote 4 rows, and the partitions have 3",
    ]
    assert Check(lost, [], problems(lost, 4)).line() == (
        "not verified: 3 rows read = 1 written + 0 rejected + 1 guarded + 1 missing;"
        " 2 rows read back and compared, 1 value different"
    )
