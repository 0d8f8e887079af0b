"""Which rows of a topic a replay reads: offsets of its partitions, and among them those of some event times."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from featuremill_sinks.program import Parser

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Range(NamedTuple):
    """Offsets of a topic's partition: from `first` to the one before `end`."""

    partition: int
    first: int
    end: int

    def __str__(self) -> str:
        return ":".join(map(str, self))


def add_replay(parser: Parser) -> None:
    """The arguments of a replay."""
    replay = parser.add_argument_group("of a replay, which ends")
    replay.add_argument("--topic", help="the one topic to read")
    replay.add_argument(
        "--range",
        action="append",
        default=[],
        type=range_argument,
        dest="ranges",
        metavar="PARTITION:FIRST:END",
        help="offsets of one of its partitions, END being behind the last; may be repeated",
    )
    replay.add_argument(
        "--from", type=instant_argument, dest="first", metavar="INSTANT", help="only rows of this event time or later"
    )
    replay.add_argument("--before", type=instant_argument, metavar="INSTANT", help="only rows of an earlier event time")


def check_replay(parser: Parser, given: argparse.Namespace, prefix: str) -> None:
    """End the program with exit code 2 where these arguments don't go together. Topics begin with `prefix`."""
    if (given.topic is None) != (not given.ranges):
        parser.error("--topic and --range go together: what is read of which topic")
    if len({each.partition for each in given.ranges}) < len(given.ranges):
        parser.error("--range names a partition twice")
    if given.topic is not None and not given.topic.startswith(prefix):
        parser.error(f"--topic {given.topic} is not of the feature source: its topics are {prefix}<pipeline>")
    if given.topic is None and not (given.first is None and given.before is None):
        parser.error("--from and --before are for a replay: give --topic and --range")


def range_argument(text: str) -> Range:
    """An argument PARTITION:FIRST:END. Raises `ArgumentTypeError`, as the other does."""
    found = re.fullmatch("([0-9]{1,9}):([0-9]{1,18}):([0-9]{1,18})", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not PARTITION:FIRST:END")
    numbers = Range(*map(int, found.groups()))
    if numbers.first > numbers.end:
        raise argparse.ArgumentTypeError(f"{text!r}: the first offset is behind the end")
    return numbers


def instant_argument(text: str) -> datetime:
    """An argument such as 2013-01-01T06:00:00Z, with a time zone."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        if instant.tzinfo is not None:
            return instant
    raise argparse.ArgumentTypeError(f"{text!r} is not an instant such as 2013-01-01T06:00:00Z")


def offset_options(topic: str, ranges: Sequence[Range]) -> dict[str, str]:
    """Options of a Kafka table that reads these offsets and ends. It has no consumer group, so nothing is committed."""
    return {
        "topic": topic,
        "scan.startup.mode": "specific-offsets",
        "scan.startup.specific-offsets": _offsets({each.partition: each.first for each in ranges}),
        "scan.bounded.mode": "specific-offsets",
        "scan.bounded.specific-offsets": _offsets({each.partition: each.end for each in ranges}),
    }


def _offsets(offsets: Mapping[int, int]) -> str:
    return ";".join(f"partition:{partition},offset:{offset}" for partition, offset in offsets.items())


def of_event_times(first: datetime | None, before: datetime | None) -> str:
    """A condition in SQL: the row's event time lies there. A row without one is let through, to be a dead letter."""
    conditions = [
        f"event_time {sign} TO_TIMESTAMP_LTZ({(instant - EPOCH) // timedelta(milliseconds=1)}, 3)"
        for sign, instant in ((">=", first), ("<", before))
        if instant is not None
    ]
    return f"event_time IS NULL OR ({' AND '.join(conditions)})" if conditions else "TRUE"
