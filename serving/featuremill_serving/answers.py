"""From what was read to what is answered, for one entity or for many.

Nearly always everything is there, of its type and fresh, and then values go out as they came in. So that is asked
first, of a whole row at once (`answer_row`) or of a whole column (`answer_rows`), at a small part of the cost
of one by one. `_judge_row` is the rule itself; all agree on every row (a test holds them to that).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from featuremill_serving.layout import parse_event_times
from featuremill_serving.plan import Plan
from featuremill_serving.registry import Feature
from featuremill_serving.status import absent, freshness, judge, judge_unregistered
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_INVALID,
    FEATURE_STATUS_MISSING,
    FEATURE_STATUS_PRESENT,
    FeatureStatus,
)
from featuremill_serving.value_types import TEXT

Row = Sequence[bytes | None]
Times = Sequence[int | None]
Judged = tuple[FeatureStatus, bytes]


@dataclass(slots=True)
class Answers:
    """Flat and row-major: of entity i and name j at i * (number of names) + j."""

    values: list[bytes]
    """In UTF-8."""
    statuses: bytearray
    event_times_ms: list[int] = field(default_factory=list)
    """Empty unless asked for; 0 where unknown."""
    oldest_ms: int | None = None
    """The oldest event time among those that are known."""


def answer_row(plan: Plan, row: Row, now_ms: int, *, with_event_times: bool = False) -> Answers:
    """One entity's answers, in the order of the plan's names. `row` is what `plan.read` gave."""
    usual = None if plan.in_order is None else _told_if_usual(plan, row)
    if usual is not None and plan.in_order is not None and _all_fresh(plan, usual, now_ms):
        told: Times = usual
        answers = Answers(list(plan.in_order(row)), bytearray(plan.statuses))
    else:
        told = parse_event_times(row[len(plan.read.features) :])
        judged = _judge_row(plan, row, told, now_ms)
        unknown = (plan.unknown, b"")
        aligned = [unknown if place is None else judged[place] for place in plan.columns]
        answers = Answers([value for _, value in aligned], bytearray([status for status, _ in aligned]))
    answers.oldest_ms = _oldest(told)
    if with_event_times:
        times = [told[pipeline] or 0 for pipeline in plan.pipeline_of] or [0] * len(row)
        answers.event_times_ms = [0 if place is None else times[place] for place in plan.columns]
    return answers


def _told_if_usual(plan: Plan, row: Row) -> list[int] | None:
    """The pipelines' event times in ms where all is there and of its type; None where that takes a closer look."""
    try:
        lines = b"%b\n" % b"\n".join(plan.by_type(row))
    except TypeError:  # one of them is None
        return None
    usual = plan.usual.fullmatch(lines)
    if usual is None:
        return None
    if plan.inexact and not all(kind.holds_all(pick(row)) for kind, pick in plan.inexact):
        return None
    return list(map(int, usual.groups()))


def _all_fresh(plan: Plan, told: Sequence[int], now_ms: int) -> bool:
    return all(now_ms - told[pipeline] <= limit_ms for pipeline, limit_ms in plan.limits)


def _judge_row(plan: Plan, row: Row, told: Times, now_ms: int) -> list[Judged]:
    """The status and value of each of the read's features."""
    if plan.features is None:
        return [judge_unregistered(stored) for stored in row]
    states = [freshness(told[pipeline], feature, now_ms) for pipeline, feature in plan.ages]
    return [
        judge(stored, states[age], feature)
        for stored, age, feature in zip(row, plan.age_of, plan.features, strict=False)
    ]


def answer_rows(plan: Plan, rows: Sequence[Row], now_ms: int, *, with_event_times: bool = False) -> Answers:
    """The answers of many entities, row-major. Entities of which nothing is stored cost the others nothing."""
    if not rows:
        return Answers([], bytearray())
    columns = list(zip(*rows, strict=True)) if plan.read.fields else []
    if columns and None in columns[-1]:
        absent = [place for place, row in enumerate(rows) if row.count(None) == len(columns)]
        if absent:
            none = answer_row(plan, (None,) * len(columns), now_ms, with_event_times=with_event_times)
            left = set(absent)
            known = [row for place, row in enumerate(rows) if place not in left]
            there = answer_rows(plan, known, now_ms, with_event_times=with_event_times)
            return _with_absent(len(plan.names), absent, none, there)
    height, width = len(rows), len(plan.names)
    answers = Answers([b""] * (height * width), bytearray(plan.statuses * height))
    if with_event_times:
        answers.event_times_ms = [0] * (height * width)
    count = len(plan.read.features)
    ages = _Ages([parse_event_times(column) for column in columns[count:]], now_ms)
    judged: list[tuple[bytes | None, Sequence[bytes]] | None] = [None] * count
    for name, place in enumerate(plan.columns):
        if place is None:
            continue
        found = judged[place]
        if found is None:
            found = judged[place] = _judge_column(plan, place, columns[place], ages)
        statuses, answers.values[name::width] = found
        if statuses is not None:
            answers.statuses[name::width] = statuses
        if with_event_times and plan.features is not None:
            answers.event_times_ms[name::width] = ages.told(plan.pipeline_of[place])
    answers.oldest_ms = ages.oldest()
    return answers


def _with_absent(width: int, absent: Sequence[int], none: Answers, there: Answers) -> Answers:
    """The answers of those that are there, and `none` put in at the places of those that are absent."""
    answers = Answers([], bytearray(), oldest_ms=there.oldest_ms)
    start = 0
    for number, place in enumerate([*absent, None]):
        end = None if place is None else (place - number) * width
        answers.values += there.values[start:end]
        answers.statuses += there.statuses[start:end]
        answers.event_times_ms += there.event_times_ms[start:end]
        if end is not None:
            answers.values += none.values
            answers.statuses += none.statuses
            answers.event_times_ms += none.event_times_ms
            start = end
    return answers


def _judge_column(plan: Plan, place: int, column: Row, ages: "_Ages") -> tuple[bytes | None, Sequence[bytes]]:
    """The statuses and values of one feature in many rows; None where all are PRESENT."""
    feature = None if plan.features is None else plan.features[place]
    states = None if feature is None else ages.of(plan.pipeline_of[place], feature)
    kind = TEXT if feature is None else feature.value_type
    if (states is None or FEATURE_STATUS_MISSING not in states) and kind.holds_all(column):
        return states, column  # type: ignore[return-value]
    if states is None:
        states = bytes([FEATURE_STATUS_PRESENT]) * len(column)
    there = [
        stored
        for stored, state in zip(column, states, strict=True)
        if stored is not None and state != FEATURE_STATUS_MISSING
    ]
    all_valid = bool(there) and kind.holds_all(there)
    nothing = (FEATURE_STATUS_MISSING, b"") if feature is None else absent(feature)
    invalid = (FEATURE_STATUS_INVALID, b"")
    cells: list[Judged] = []
    for stored, state in zip(column, states, strict=True):
        if stored is None or state == FEATURE_STATUS_MISSING:
            cells.append(nothing)
        else:
            cells.append((state, stored) if all_valid or kind.holds(stored) else invalid)  # type: ignore[arg-type]
    return bytes([status for status, _ in cells]), [value for _, value in cells]


def _oldest(times_ms: Times) -> int | None:
    if None in times_ms:
        return min((each for each in times_ms if each is not None), default=None)
    return min(times_ms, default=None)  # type: ignore[type-var]


class _Ages:
    """What the ages of a read's rows mean for its features: looked at once for each pipeline and pair of limits."""

    def __init__(self, times: Sequence[Times], now_ms: int) -> None:
        self._times = times
        self._now_ms = now_ms
        self._oldest = [_oldest(each) for each in times]
        self._whole = [None not in each for each in times]
        self._known: dict[tuple[int, int, int | None], bytes | None] = {}

    def of(self, pipeline: int, feature: Feature) -> bytes | None:
        """For each row what a stored value of the feature is; None where all are PRESENT."""
        key = (pipeline, feature.max_age_ms, feature.ttl_ms)
        if key not in self._known:
            oldest_ms = self._oldest[pipeline]
            fresh = self._whole[pipeline] and freshness(oldest_ms, feature, self._now_ms) == FEATURE_STATUS_PRESENT
            self._known[key] = (
                None if fresh else bytes(freshness(each, feature, self._now_ms) for each in self._times[pipeline])
            )
        return self._known[key]

    def told(self, pipeline: int) -> list[int]:
        """For each row the event time in ms, 0 where unknown."""
        return [time_ms or 0 for time_ms in self._times[pipeline]]

    def oldest(self) -> int | None:
        """The oldest event time of all that are known."""
        return _oldest(self._oldest)
