"""Many rows are answered as each by itself, whatever is in them."""

from featuremill_serving.answers import answer_row, answer_rows
from featuremill_serving.plan import Plan
from featuremill_serving.registry import Feature
from hypothesis import given
from hypothesis import strategies as st

NOW_MS = 1_000_000
KNOWN = {
    "a": Feature("p", "BIGINT", max_age_ms=100, ttl_ms=1000),
    "b": Feature("p", "DOUBLE", max_age_ms=100, ttl_ms=1000, default="0"),
    "c": Feature("q", "STRING", max_age_ms=50),
    "d": Feature("p", "BOOLEAN", max_age_ms=500, ttl_ms=1000, default="true"),
    "e": Feature("q", "ARRAY<INT>", max_age_ms=50, default="[]"),
}
NAMES = st.lists(st.sampled_from([*KNOWN, "unknown", "@p", "Not a name"]), min_size=1, max_size=7)
VALUES = st.none() | st.sampled_from([b"1", b"-2.5", b"true", b"[1]", b"", b"a\nb", b"\xff", b"9" * 19])
AGES = st.sampled_from([0, 50, 51, 100, 101, 500, 501, 1000, 1001, -5])
LAST_WRITES = st.none() | AGES.map(lambda age: b"%d-7" % (NOW_MS - age)) | st.just(b"malformed")


@given(st.booleans(), NAMES, st.integers(1, 5), st.data())
def test_many_rows_are_answered_as_each_by_itself(
    registered: bool, names: list[str], height: int, data: st.DataObject
) -> None:
    plan = Plan(names, KNOWN if registered else None)
    row = st.tuples(*(VALUES for _ in plan.read.features), *(LAST_WRITES for _ in plan.read.pipelines))
    rows = [data.draw(row) for _ in range(height)]

    together = answer_rows(plan, rows, NOW_MS)
    apart = [answer_row(plan, each, NOW_MS) for each in rows]

    assert together.values == [value for each in apart for value in each.values]
    assert list(together.statuses) == [status for each in apart for status in each.statuses]
    assert together.event_times_ms == [time_ms for each in apart for time_ms in each.event_times_ms]
    assert together.oldest_ms == min((each.oldest_ms for each in apart if each.oldest_ms is not None), default=None)
    assert len(together.values) == height * len(names)
