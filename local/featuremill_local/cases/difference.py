"""Where what came out differs from what a case expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import SqlType

from featuremill_local.cases.wire import FeatureRow, same

EVENT_TIME = "event_time"
NO_ROW = "no row"
NO_FEATURE = "no such feature"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that differs. `expected` and `actual` are texts, None for null; `where` is a row of the changelog."""

    entity_key: str
    feature: str
    expected: str | None
    actual: str | None
    where: str = ""


def at_the_end(pipeline: Pipeline, expected: Sequence[FeatureRow], actual: Sequence[FeatureRow]) -> list[Difference]:
    """The differences between the last rows of all keys, by key and feature."""
    wanted = {row.entity_key: row for row in expected}
    came = {row.entity_key: row for row in actual}
    types = {feature.name: feature.type for feature in pipeline.features}
    differences: list[Difference] = []
    for key in sorted(wanted.keys() | came.keys()):
        differences += _of_rows(types, wanted.get(key), came.get(key))
    return differences


def along_the_way(pipeline: Pipeline, expected: Sequence[FeatureRow], actual: Sequence[FeatureRow]) -> list[Difference]:
    """The differences between two changelogs: rows that are too many or missing, and values in rows that correspond."""
    types = {feature.name: feature.type for feature in pipeline.features}
    wanted, came = [_Row(row, types) for row in expected], [_Row(row, types) for row in actual]
    differences: list[Difference] = []
    for tag, first, behind, begin, end in SequenceMatcher(None, wanted, came, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for offset in range(max(behind - first, end - begin)):
            left = expected[first + offset] if first + offset < behind else None
            right = actual[begin + offset] if begin + offset < end else None
            if left is not None and right is not None and left.entity_key == right.entity_key:
                differences += _of_rows(types, left, right, f"row {first + offset + 1}")
                continue
            if left is not None:
                differences += _of_rows(types, left, None, f"row {first + offset + 1}")
            if right is not None:
                differences += _of_rows(types, None, right, f"row {begin + offset + 1}")
    return differences


class _Row:
    """A row that is equal to another one where their values are the same."""

    def __init__(self, row: FeatureRow, types: Mapping[str, SqlType]) -> None:
        self._row, self._types = row, types

    def __hash__(self) -> int:
        return hash((self._row.entity_key, self._row.event_time))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Row) or self._row.entity_key != other._row.entity_key:
            return False
        return not _of_rows(self._types, self._row, other._row)


def _of_rows(
    types: Mapping[str, SqlType], expected: FeatureRow | None, actual: FeatureRow | None, where: str = ""
) -> list[Difference]:
    if expected is None or actual is None:
        row = expected or actual
        assert row is not None
        values: dict[str, str | None] = {EVENT_TIME: row.at, **row.features}
        return [
            Difference(row.entity_key, name, value if expected else NO_ROW, value if actual else NO_ROW, where)
            for name, value in values.items()
        ]
    differences = []
    if expected.event_time != actual.event_time:
        differences.append(Difference(expected.entity_key, EVENT_TIME, expected.at, actual.at, where))
    for name in dict.fromkeys([*types, *expected.features]):
        left, right = expected.features.get(name, NO_FEATURE), actual.features.get(name, NO_FEATURE)
        if (name in expected.features) != (name in actual.features) or not same(left, right, types[name]):
            differences.append(Difference(expected.entity_key, name, left, right, where))
    return differences
