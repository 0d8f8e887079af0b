"""Many rows are answered as each by itself, whatever is in them."""

from collections.abc import Sequence

import pytest
from featuremill_serving.answers import answer_row, answer_rows
from featuremill_serving.layout import parse_event_time
from featuremill_serving.plan import Plan
from featuremill_serving.registry import Feature
from featuremill_serving.status import freshness, judge, judge_unregistered
from featuremill_serving.v1.serving_pb2 import FEATURE_STATUS_MISSING, FEATURE_STATUS_UNKNOWN_FEATURE
from hypothesis import given
from hypothesis import strategies as st

NOW_MS = 1_000_000
KNOWN = {
    "a": Feature("p", "BIGINT", max_age_ms=100, ttl_ms=1000),
    "b": Feature("p", "DOUBLE", max_age_ms=100, ttl_ms=1000, default="0"),
    "c": Feature("q", "STRING", max_age_ms=50),
    "d": Feature("p", "BOOLEAN", max_age_ms=500, ttl_ms=1000, default="true"),
    "e": Feature("q", "ARRAY<INT>", max_age_ms=50, default="[]"),
    "f": Feature("p", "SMALLINT", max_age_ms=100),
}
NAMES = st.lists(st.sampled_from([*KNOWN, "unknown", "@p", "Not a name"]), min_size=1, max_size=7)
TEXTS = [b"1", b"-2.5", b"true", b"[1]", b"", b"a\nb", b"\xff", b"9" * 19, b"1\n2"]
VALUES = st.none() | st.sampled_from(TEXTS)
AGES = st.sampled_from([0, 50, 51, 100, 101, 500, 501, 1000, 1001, -5])
LAST_WRITES = st.none() | AGES.map(lambda age: b"%d-7" % (NOW_MS - age)) | st.just(b"malformed")


GOOD = {"a": b"-7", "b": b"2.5", "c": "é".encode(), "d": b"true", "e": b"[1]", "f": b"9999"}


@given(st.booleans(), st.booleans(), st.booleans(), NAMES, st.integers(1, 5), st.data())
def test_many_rows_are_answered_as_each_by_itself_and_by_the_rule(
    registered: bool, with_event_times: bool, good: bool, names: list[str], height: int, data: st.DataObject
) -> None:
    plan = Plan(names, KNOWN if registered else None)
    absent = st.just((None,) * len(plan.read.fields))
    rows = [data.draw(good_rows(plan) if good else any_rows(plan) | absent) for _ in range(height)]

    together = answer_rows(plan, rows, NOW_MS, with_event_times=with_event_times)
    apart = [answer_row(plan, each, NOW_MS, with_event_times=with_event_times) for each in rows]

    assert together.values == [value for each in apart for value in each.values]
    assert list(together.statuses) == [status for each in apart for status in each.statuses]
    assert together.event_times_ms == [time_ms for each in apart for time_ms in each.event_times_ms]
    assert together.oldest_ms == min((each.oldest_ms for each in apart if each.oldest_ms is not None), default=None)
    assert len(together.values) == height * len(names)
    ruled = [by_the_rule(plan, each, name) for each in rows for name in names]
    assert list(zip(together.statuses, together.values, strict=True)) == ruled


def any_rows(plan: Plan) -> st.SearchStrategy[tuple[bytes | None, ...]]:
    """Rows of anything."""
    return st.tuples(*(VALUES for _ in plan.read.features), *(LAST_WRITES for _ in plan.read.pipelines))


@st.composite
def good_rows(draw: st.DrawFn, plan: Plan) -> tuple[bytes | None, ...]:
    """Rows in which all is there and of its type, but for one place at most; of any age."""
    row = [GOOD.get(name) for name in plan.read.features]
    row += [b"%d-7" % (NOW_MS - draw(AGES | st.just(0))) for _ in plan.read.pipelines]
    if row and draw(st.booleans()):
        place = draw(st.integers(0, len(row) - 1))
        row[place] = draw(VALUES if place < len(plan.read.features) else LAST_WRITES)
    return tuple(row)


@given(st.lists(st.sampled_from(list(KNOWN)), min_size=1, max_size=7))
def test_a_row_as_nearly_all_are_is_known_by_its_looks(names: list[str]) -> None:
    plan = Plan(names, KNOWN)
    row = [*(GOOD[name] for name in plan.read.features), *(b"%d-7" % NOW_MS for _ in plan.read.pipelines)]
    looks = plan.usual.fullmatch(b"\n".join(plan.by_type(row)) + b"\n")
    assert looks is not None
    assert looks.groups() == (b"%d" % NOW_MS,) * len(plan.read.pipelines)


@pytest.mark.parametrize("stored", TEXTS)
@pytest.mark.parametrize("odd", KNOWN)
def test_one_value_among_good_ones_is_answered_by_the_rule(odd: str, stored: bytes) -> None:
    plan = Plan(list(KNOWN), KNOWN)
    row = [*((GOOD | {odd: stored})[name] for name in plan.read.features), b"%d-7" % NOW_MS, b"%d-7" % NOW_MS]
    answers = answer_row(plan, row, NOW_MS)
    assert list(zip(answers.statuses, answers.values, strict=True)) == [by_the_rule(plan, row, name) for name in KNOWN]


def by_the_rule(plan: Plan, row: Sequence[bytes | None], name: str) -> tuple[int, bytes]:
    """What one name is answered with."""
    found = dict(zip(plan.read.fields, row, strict=True))
    if plan.features is None:
        return judge_unregistered(found[name]) if name in found else (FEATURE_STATUS_MISSING, b"")
    if name not in KNOWN:
        return FEATURE_STATUS_UNKNOWN_FEATURE, b""
    feature = KNOWN[name]
    last_write = found[f"@{feature.pipeline}"]
    event_time_ms = None if last_write is None else parse_event_time(last_write)
    return judge(found[name], freshness(event_time_ms, feature, NOW_MS), feature)
