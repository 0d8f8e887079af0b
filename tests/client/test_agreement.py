"""Whatever is stored: a frame's typed columns say the same as one entity's text."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, date, datetime

import numpy
import pandas
from client_registry import FEATURES, HOUR_MS, PIPELINE
from featuremill_client import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving_harness import NOW_MS

KEPT = [name for name in FEATURES if name not in ("hour", "dates", "counts", "pair")]
ANYTHING = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = {
    "tiny": st.integers(-130, 130).map(str),
    "small": st.integers(-(2**15), 2**15 - 1).map(str),
    "whole": st.integers(-(2**31), 2**31).map(str),
    "big": st.integers(-(2**63), 2**63 - 1).map(str),
    "single": st.floats().map(repr),
    "double": st.floats().map(repr),
    "truth": st.sampled_from(["true", "false", "TRUE"]),
    "text": ANYTHING,
    "code": ANYTHING,
    "price": st.decimals(-10000, 10000, places=2).map(str),
    "day": st.dates(date(1600, 1, 1)).map(str) | st.just("2013-02-31"),
    "moment": st.datetimes(datetime(1600, 1, 1)).map(lambda each: each.isoformat() + "Z"),
    "instant": st.datetimes(datetime(1600, 1, 1)).map(lambda each: f"{each:%Y-%m-%dT%H:%M:%S}.{each:%f}789Z"),
    "blob": st.sampled_from(["", "AQI=", "AQI", "/+8="]),
    "list": st.sampled_from(["[]", "[1.5, null]", "{}", "[1", '["NaN"]']),
    "strange": ANYTHING,
}
ROWS = st.lists(
    st.fixed_dictionaries({}, optional={name: VALUES[name] | ANYTHING for name in KEPT}), min_size=1, max_size=6
)
AGES_H = st.sampled_from([0, 1, 3, 50])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, ages_h=st.lists(AGES_H, min_size=6, max_size=6))
def test_columns_and_text_agree(service, shared_redis, rows, ages_h):
    entities = [f"sample:{uuid.uuid4()}" for _ in rows]
    for entity, row, age_h in zip(entities, rows, ages_h, strict=False):
        shared_redis.write(entity, row, {PIPELINE: NOW_MS - age_h * HOUR_MS})
    with Client(service.address, timeout=20) as client:
        frame = client.frame(entities, KEPT, event_times=True)
        ones = [client.get(entity, KEPT, event_times=True) for entity in entities]
    statuses = frame.statuses.to_numpy()
    as_numpy, as_pandas = frame.to_numpy(), frame.to_pandas()
    as_arrow, as_polars = frame.to_arrow(), frame.to_polars()
    times = frame.event_times.to_arrow()
    for name in KEPT:
        wanted = [one[name] for one in ones]
        assert [one.status[name].name for one in ones] == statuses[name].tolist()
        assert [one.event_time[name] for one in ones] == times[name].to_pylist()
        assert same(wanted, as_arrow[name].to_pylist()), name
        assert same(wanted, as_polars[name].to_list()), name
        assert same(wanted, [plain(each) for each in as_pandas[name]]), name
        masked = zip(as_numpy[name].data, as_numpy[name].mask, strict=True)
        assert same(wanted, [None if absent else plain(each) for each, absent in masked]), name


def plain(value):
    """A value of pandas or NumPy as `get` has it."""
    if value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, pandas.Timestamp):
        return value.to_pydatetime() if value.tzinfo else value.to_pydatetime().date()
    if isinstance(value, numpy.datetime64):
        found = value.item()
        return found.replace(tzinfo=UTC) if isinstance(found, datetime) else found
    return value.item() if isinstance(value, numpy.generic) else value


def same(wanted, found):
    """Whether two lists of values are the same."""
    return len(wanted) == len(found) and all(map(same_value, wanted, found))


def same_value(one, other):
    if isinstance(one, list) and isinstance(other, list):
        return same(one, other)
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or one == other
    return one == other and type(one) is type(other)
