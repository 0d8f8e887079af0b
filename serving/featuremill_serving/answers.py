"""From what was read to what is answered, for one entity or for many.

`answer_rows` goes column by column: a whole column's values are decoded and checked at once, at a fifth of the cost of
one by one. `answer_row` is the rule itself; the two agree on every row (a test holds them to that).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeGuard

from featuremill_serving.layout import parse_event_times
from featuremill_serving.plan import Plan
from featuremill_serving.registry import Feature
from featuremill_serving.status import absent, freshness, judge, judge_unregistered
from featuremill_serving.v1.serving_pb2 import (
    FEATURE_STATUS_INVALID,
    FEATURE_STATUS_MISSING,
    FEATURE_STATUS_PRESENT,
    FEATURE_STATUS_UNKNOWN_FEATURE,
    FeatureStatus,
)
from featuremill_serving.value_types import TEXT, ValueType

Row = Sequence[bytes | None]


@dataclass(slots=True)
class Answers:
    """Flat and row-major: of entity i and name j at i * (number of names) + j."""

    values: list[str]
    statuses: bytearray
    event_times_ms: list[int]
    oldest_ms: int | None = None
    """The oldest event time among those that are known."""


def answer_row(plan: Plan, row: Row, now_ms: int) -> Answers:
    """One entity's answers, in the order of the plan's names. `row` is what `plan.read` gave."""
    told: Sequence[int | None] = ()
    if plan.features is None:
        judged = [judge_unregistered(stored) for stored in row]
        times: list[int] = [0] * len(judged)
    else:
        told = parse_event_times(row[len(plan.features) :])
        states = [freshness(told[pipeline], feature, now_ms) for pipeline, feature in plan.ages]
        judged = [
            judge(stored, states[age], feature)
            for stored, age, feature in zip(row, plan.age_of, plan.features, strict=False)
        ]
        times = [told[pipeline] or 0 for pipeline in plan.pipeline_of]
    unknown = (_unknown(plan), "")
    aligned = [unknown if place is None else judged[place] for place in plan.columns]
    return Answers(
        [value for _, value in aligned],
        bytearray([status for status, _ in aligned]),
        [0 if place is None else times[place] for place in plan.columns],
        _oldest(told),
    )


def answer_rows(plan: Plan, rows: Sequence[Row], now_ms: int) -> Answers:
    """The answers of many entities, row-major."""
    height, width = len(rows), len(plan.names)
    answers = Answers([""] * (height * width), bytearray(height * width), [0] * (height * width))
    columns = list(zip(*rows, strict=True)) if plan.read.fields else []
    features = plan.features
    count = len(plan.read.features)
    times = [parse_event_times(column) for column in columns[count:]]
    ages = _Ages(times, now_ms)
    judged: list[tuple[bytes, Sequence[str]] | None] = [None] * count
    for place, name in zip(plan.columns, range(width), strict=True):
        if place is None:
            answers.statuses[name::width] = bytes([_unknown(plan)]) * height
            continue
        found = judged[place]
        if found is None:
            if features is None:
                found = _judge_column(columns[place], None, TEXT, FEATURE_STATUS_MISSING, "")
            else:
                feature, pipeline = features[place], plan.pipeline_of[place]
                found = _judge_column(columns[place], ages.of(pipeline, feature), feature.value_type, *absent(feature))
            judged[place] = found
        answers.statuses[name::width], answers.values[name::width] = found
        if features is not None:
            answers.event_times_ms[name::width] = ages.told(plan.pipeline_of[place])
    answers.oldest_ms = min((each for each in map(_oldest, times) if each is not None), default=None)
    return answers


def _oldest(times_ms: Sequence[int | None]) -> int | None:
    return min((each for each in times_ms if each is not None), default=None)


def _unknown(plan: Plan) -> FeatureStatus:
    """The status of a name that isn't read: without a registry nobody can say that there is no such feature."""
    return FEATURE_STATUS_MISSING if plan.features is None else FEATURE_STATUS_UNKNOWN_FEATURE


class _Ages:
    """What the ages of a read's rows mean for its features: looked at once for each pipeline and pair of limits."""

    def __init__(self, times: Sequence[Sequence[int | None]], now_ms: int) -> None:
        self._times = times
        self._now_ms = now_ms
        self._known: dict[tuple[int, int, int | None], list[FeatureStatus] | None] = {}
        self._told: dict[int, list[int]] = {}

    def of(self, pipeline: int, feature: Feature) -> list[FeatureStatus] | None:
        """For each row what a stored value of the feature is; None where all are PRESENT."""
        key = (pipeline, feature.max_age_ms, feature.ttl_ms)
        if key not in self._known:
            times = self._times[pipeline]
            whole = None not in times and freshness(_oldest(times), feature, self._now_ms) == FEATURE_STATUS_PRESENT
            self._known[key] = None if whole else [freshness(each, feature, self._now_ms) for each in times]
        return self._known[key]

    def told(self, pipeline: int) -> list[int]:
        """For each row the event time in ms, 0 where unknown."""
        if pipeline not in self._told:
            self._told[pipeline] = [time_ms or 0 for time_ms in self._times[pipeline]]
        return self._told[pipeline]


def _judge_column(
    column: Sequence[bytes | None],
    states: Sequence[FeatureStatus] | None,
    kind: ValueType,
    absent_status: FeatureStatus,
    absent_value: str,
) -> tuple[bytes, Sequence[str]]:
    """The statuses and values of one feature in many rows."""
    if states is not None:
        column = [
            None if state == FEATURE_STATUS_MISSING else stored for stored, state in zip(column, states, strict=True)
        ]
    there = [stored for stored in column if stored is not None]
    texts = kind.decode_all(there)
    if len(there) == len(column) and _all_valid(texts):
        return bytes([FEATURE_STATUS_PRESENT]) * len(column) if states is None else bytes(states), texts
    statuses, values = bytearray(), list[str]()
    decoded = iter(texts)
    for place, stored in enumerate(column):
        if stored is None:
            statuses.append(absent_status)
            values.append(absent_value)
            continue
        text = next(decoded)
        if text is None:
            statuses.append(FEATURE_STATUS_INVALID)
            values.append("")
        else:
            statuses.append(FEATURE_STATUS_PRESENT if states is None else states[place])
            values.append(text)
    return bytes(statuses), values


def _all_valid(texts: Sequence[str | None]) -> TypeGuard[Sequence[str]]:
    return None not in texts
