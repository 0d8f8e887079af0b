"""Many entities as columns: pandas, polars, NumPy and Arrow, from a real service and a real Redis."""

from __future__ import annotations

import datetime
import subprocess
import sys
import textwrap
from decimal import Decimal

import numpy
import pandas
import polars
import pyarrow
import pytest
from client_registry import FEATURES, HOUR_MS, PIPELINE, write_registry
from featuremill_client import InvalidRequest, Limits, Overloaded, PreconditionFailed, Table
from featuremill_client.columns import Column, Layout
from featuremill_client.frame_steps import split
from featuremill_client.sql_types import parse_type
from featuremill_client.to_arrow import arrow_type
from serving_harness import NOW_MS, SERVING, commands_of, free_port, http_get, metric

NAMES = list(FEATURES)
ENTITIES = ["sample:f2", "sample:f0", "sample:none", "sample:f1", "sample:f0"]


@pytest.fixture
def filled(shared_redis):
    """Three entities with values of every type, `sample:f0` and its two neighbours; `sample:none` isn't there."""
    for number in range(3):
        values = {name: list(texts)[number % len(texts)] for name, (_, _, _, texts) in FEATURES.items()}
        shared_redis.write(f"sample:f{number}", values, {PIPELINE: NOW_MS - 1000 * number})


@pytest.fixture
def frame(client, filled):
    """All features of ENTITIES."""
    return client.frame(ENTITIES, NAMES, event_times=True)


def expected(name: str) -> list[object]:
    """The values of a feature for ENTITIES."""
    values = list(FEATURES[name][3].values())
    return [None if name_of == "sample:none" else values[int(name_of[-1]) % len(values)] for name_of in ENTITIES]


def test_the_shape(frame):
    assert frame.entities == tuple(ENTITIES)
    assert frame.features == tuple(NAMES)
    assert len(frame) == 5
    assert repr(frame) == f"<Frame of 5 entities × {len(NAMES)} features>"


@pytest.mark.parametrize("name", NAMES)
def test_arrow(frame, name):
    table = frame.to_arrow()
    assert table.column_names == ["entity_key", *NAMES]
    assert table["entity_key"].to_pylist() == ENTITIES
    assert str(table.schema.field(name).type) == FEATURES[name][1]
    found = table[name].to_pylist(maps_as_pydicts="strict")
    assert found == expected(name)
    table.validate(full=True)


@pytest.mark.parametrize("name", NAMES)
def test_pandas(frame, name):
    data = frame.to_pandas()
    assert list(data.columns) == NAMES
    assert list(data.index) == ENTITIES
    assert data.index.name == "entity_key"
    assert str(data[name].dtype) == FEATURES[name][2]
    found = [None if each is pandas.NA or each is pandas.NaT else each for each in data[name]]
    if name == "day":
        found = [None if each is None else each.to_pydatetime().date() for each in found]
    assert found == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_polars(frame, name):
    data = frame.to_polars()
    assert data.columns == ["entity_key", *NAMES]
    assert data[name].to_list() == expected(name)


@pytest.mark.parametrize("name", NAMES)
def test_numpy(frame, name):
    found = frame.to_numpy()[name]
    wanted = expected(name)
    assert list(found.mask) == [each is None for each in wanted]
    if found.dtype.kind == "M":
        there = [numpy.datetime64(each.replace(tzinfo=None) if name != "day" else each) for each in wanted if each]
        assert list(found.compressed()) == there
    else:
        assert list(found.compressed()) == [each for each in wanted if each is not None]


def test_the_types_of_polars(frame):
    schema = frame.to_polars().schema
    assert schema["tiny"] == polars.Int8
    assert schema["single"] == polars.Float32
    assert schema["price"] == polars.Decimal(10, 2)
    assert schema["instant"] == polars.Datetime("us", "UTC")
    assert schema["day"] == polars.Date


def test_statuses_and_times_beside_the_values(client, shared_redis):
    shared_redis.write("airport:S1", {"departures_1h": "1", "remark": "r"}, {PIPELINE: NOW_MS})
    shared_redis.write("airport:S2", {"departures_1h": "x"}, {PIPELINE: NOW_MS - 3 * HOUR_MS})
    shared_redis.write("airport:S3", {"departures_1h": "3"}, {PIPELINE: NOW_MS - 3 * HOUR_MS})
    found = client.frame(
        ["airport:S1", "airport:S2", "airport:S3", "airport:S4"],
        ["departures_1h", "mean_delay_1h", "no_such"],
        event_times=True,
    )
    statuses = [
        ["PRESENT", "DEFAULTED", "UNKNOWN_FEATURE"],
        ["INVALID", "DEFAULTED", "UNKNOWN_FEATURE"],
        ["STALE", "DEFAULTED", "UNKNOWN_FEATURE"],
        ["MISSING", "DEFAULTED", "UNKNOWN_FEATURE"],
    ]
    as_pandas = found.statuses.to_pandas()
    assert as_pandas.to_numpy().tolist() == statuses
    assert isinstance(as_pandas["no_such"].dtype, pandas.CategoricalDtype)
    assert as_pandas.index.equals(found.to_pandas().index)
    assert [list(row) for row in found.statuses.to_polars().rows()] == [
        [entity, *row] for entity, row in zip(found.entities, statuses, strict=True)
    ]
    assert found.statuses.to_numpy()["departures_1h"].tolist() == [row[0] for row in statuses]
    values = found.to_pandas()
    assert values["departures_1h"].tolist() == [1, pandas.NA, 3, pandas.NA]
    assert values["mean_delay_1h"].tolist() == [0.0] * 4
    now = pandas.Timestamp(NOW_MS, unit="ms", tz="UTC")
    old = now - pandas.Timedelta("3h")
    assert found.event_times is not None
    assert found.event_times.to_pandas()["departures_1h"].tolist() == [now, old, old, pandas.NaT]
    assert found.event_times.to_arrow()["mean_delay_1h"].to_pylist() == [now, old, old, None]


def test_event_times_are_asked_for(client):
    assert client.frame(["airport:S1"], ["remark"]).event_times is None


def test_a_matrix_for_a_model(client, shared_redis):
    shared_redis.write("airport:M1", {"departures_1h": "1", "mean_delay_1h": "2.5"}, {PIPELINE: NOW_MS})
    matrix = client.frame(["airport:M2", "airport:M1"], feature_set="delay_model_v3").to_matrix()
    assert numpy.array_equal(matrix, [[0.0, numpy.nan], [2.5, 1.0]], equal_nan=True)
    assert matrix.dtype == "float64"
    assert client.frame(["airport:M1"], ["departures_1h"]).to_matrix("float32").dtype == "float32"


def test_what_is_no_matrix(frame):
    with pytest.raises(TypeError, match="text is STRING, which is no number"):
        frame.to_matrix()
    with pytest.raises(TypeError, match="only floating point has"):
        frame.to_matrix("int64")


def test_frames_belong_to_the_caller(frame):
    data = frame.to_pandas()
    data.loc["sample:f1", "big"] = 5
    data["truth"] = data["truth"].fillna(False)
    arrays = frame.to_numpy()
    arrays["double"][0] = 9.0
    assert frame.to_pandas()["big"].tolist()[3] == expected("big")[3]
    assert frame.to_numpy()["double"][0] == expected("double")[0]


def test_thousands_are_split_and_keep_their_order(client, shared_redis):
    pipe = shared_redis.client.pipeline()
    for number in range(12_000):
        pipe.hset(f"airport:N{number}", mapping={"departures_1h": number, f"@{PIPELINE}": f"{NOW_MS}-1"})
    pipe.execute()
    entities = [f"airport:N{number}" for number in reversed(range(12_000))]
    found = client.frame([*entities, entities[7]], ["departures_1h", "mean_delay_1h"], timeout=60)
    numbers = found.to_numpy()["departures_1h"]
    assert numbers.tolist() == [*reversed(range(12_000)), 11_992]
    assert found.entities == (*entities, entities[7])
    assert set(found.statuses.to_numpy()["mean_delay_1h"].tolist()) == {"DEFAULTED"}


def test_parts_are_as_large_as_the_service_allows():
    entities = [f"airport:N{number}" for number in range(12_000)]
    assert [len(part) for part in split(entities, 2, Limits())] == [5000, 5000, 2000]
    assert [len(part) for part in split(entities, 100, Limits())] == [2500] * 4 + [2000]
    long = [f"airport:{number:04000}" for number in range(2_000)]
    parts = list(split(long, 1, Limits()))
    assert [each for part in parts for each in part] == long
    assert all(sum(len(name.encode()) + 4 for name in part) <= Limits().name_bytes for part in parts)
    assert [len(part) for part in split(["airport:é" * 500] * 3, 1, Limits(name_bytes=5000))] == [1, 1, 1]


def test_names_from_arrays(client, filled):
    """Columns of a caller's own data, as they are."""
    entities = numpy.array(["sample:f0", "sample:f1"])
    names = pandas.Series(["big", "tiny"])
    wanted = client.frame(list(entities), list(names)).to_matrix()
    assert numpy.array_equal(client.frame(entities, names).to_matrix(), wanted)
    assert numpy.array_equal(client.frame(polars.Series(entities), tuple(names)).to_matrix(), wanted)
    assert numpy.array_equal(client.frame((each for each in entities), names.to_numpy()).to_matrix(), wanted)


def test_no_entities(client):
    found = client.frame([], ["departures_1h"], event_times=True)
    assert len(found.to_pandas()) == 0
    assert found.to_arrow().num_rows == found.to_polars().height == 0
    assert list(found.statuses.to_pandas().columns) == ["departures_1h"]
    assert client.frame([], feature_set="delay_model_v3").features == ("mean_delay_1h", "departures_1h")


def test_a_value_that_python_has_none_for(client, shared_redis):
    shared_redis.write("sample:p1", {"day": "2013-02-31", "moment": "12013-01-01T00:00:00Z"}, {PIPELINE: NOW_MS})
    shared_redis.write("sample:p2", {"day": "2013-02-28", "moment": "2013-01-01T00:00:00Z"}, {PIPELINE: NOW_MS})
    found = client.frame(["sample:p1", "sample:p2", "sample:p3"], ["day", "moment"])
    assert found.to_arrow()["day"].to_pylist() == [None, datetime.date(2013, 2, 28), None]
    assert found.statuses.to_arrow()["moment"].to_pylist() == ["INVALID", "PRESENT", "MISSING"]


def test_names_are_asked_for_once(client, shared_redis, filled):
    commands = commands_of(shared_redis, lambda: client.frame(["sample:f0", "sample:f0"], ["big", "tiny", "big"]))
    assert commands == [f"HMGET sample:f0 big tiny @{PIPELINE}"]
    assert client.frame(["sample:f0"], ["big", "tiny", "big"]).features == ("big", "tiny")


@pytest.mark.parametrize(
    ("entities", "options", "message"),
    [
        ("airport:JFK", {"features": ["remark"]}, "give a list"),
        (["airport:JFK", "sample:one"], {"features": ["remark"]}, "is of the entity 'sample', the first of 'airport'"),
        (["airport:JFK"] * 5000 + ["sample:one"], {"features": ["remark"]}, "several: airport, sample"),
        (["airport:JFK", None], {"features": ["remark"]}, "an entity is None"),
        (["JFK"], {"features": ["remark"]}, "must be <entity>:<key>"),
        (["airport:JFK"], {"features": []}, "feature_names is empty"),
    ],
)
def test_mistakes(client, entities, options, message):
    with pytest.raises(InvalidRequest, match=message):
        client.frame(entities, **options)


def test_one_bad_part_fails_the_frame(client, shared_redis):
    shared_redis.client.set("airport:STRING", "17")
    with pytest.raises(PreconditionFailed, match="'airport:STRING' is not an entity's features"):
        client.frame([*(f"airport:B{number}" for number in range(5000)), "airport:STRING"], ["remark"])


def test_calls_of_a_frame_are_bounded(connect, shared_redis, start_service):
    limited = start_service("--redis", shared_redis.address, "--max-reads", "1000")
    entities = [f"airport:B{number}" for number in range(8_000)]
    client = connect(limited.address, parallel_calls=2, limits=Limits(entities=500), retries=1)
    assert len(client.frame(entities, ["remark"], timeout=60)) == 8_000
    unbounded = connect(limited.address, parallel_calls=16, limits=Limits(entities=500), retries=1)
    with pytest.raises(Overloaded, match="too many reads are under way"):
        unbounded.frame(entities, ["remark"], timeout=60)


def test_a_call_that_never_fits_is_not_tried_again(connect, shared_redis, start_service):
    limited = start_service("--redis", shared_redis.address, "--max-reads", "1000")
    entities = [f"airport:B{number}" for number in range(1001)]
    with pytest.raises(InvalidRequest, match="1001 entities are asked for, and at most 1000 are read at once"):
        connect(limited.address).frame(entities, ["remark"], timeout=60)


def test_the_service_counts_what_a_set_is_used_for(connect, shared_redis, start_service, tmp_path):
    registry = write_registry(tmp_path / "registry.json")
    port = free_port()
    service = start_service(
        *("--redis", shared_redis.address, "--registry", str(registry), "--metrics", f"127.0.0.1:{port}")
    )
    connect(service.address).frame(["airport:JFK"] * 3, feature_set="delay_model_v3")
    text = http_get(f"127.0.0.1:{port}", "/metrics")[1]
    assert metric(text, "featuremill_values_total", feature_set="delay_model_v3", status="DEFAULTED") == 3


def test_a_feature_called_entity_key():
    table = Table(["a:b"], [Column("entity_key", Layout.OBJECTS, parse_type("STRING"), ["x"], b"\1")])
    with pytest.raises(ValueError, match="another name, by `index`"):
        table.to_arrow()
    assert table.to_polars(index="airport").columns == ["airport", "entity_key"]
    assert table.to_pandas().index.name == "entity_key"


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ("MAP<STRING, ARRAY<DECIMAL(4, 1)>>", "map<string, list<item: decimal128(4, 1)>>"),
        ("ROW<`a b` INT NOT NULL, c ROW<`d``e` DATE>>", "struct<a b: int32, c: struct<d`e: date32[day]>>"),
        ("NUMERIC", "decimal128(10, 0)"),
        ("TIMESTAMP(3) WITH SOMETHING", "string"),
        ("ARRAY<INT, INT>", "string"),
        ("ARRAY<", "string"),
        ("", "string"),
        ("?", "string"),
    ],
)
def test_declared_types(declared, wanted):
    assert str(arrow_type(parse_type(declared))) == wanted


@pytest.mark.parametrize(
    ("hidden", "way"), [("numpy", "numpy"), ("pandas", "pandas"), ("polars", "polars"), ("pyarrow", "arrow")]
)
def test_what_is_not_installed_is_named(hidden, way):
    program = f"""
        import sys
        sys.modules[{hidden!r}] = None
        from featuremill_client.frame import Table
        try:
            Table([], []).to_{way}()
        except ImportError as error:
            print(error)
        print(sorted({{"numpy", "pandas", "polars", "pyarrow"}} & {{n for n, m in sys.modules.items() if m}}))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"PYTHONPATH": str(SERVING / "client")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"to_{way} needs {hidden}" in done.stdout
    assert f"install featuremill-client with its extra [{way}], or run: pip install {hidden}" in done.stdout


def test_decimals_are_exact(client, shared_redis):
    shared_redis.write("sample:exact", {"price": "12345678.91"}, {PIPELINE: NOW_MS})
    assert client.frame(["sample:exact"], ["price"]).to_arrow()["price"].to_pylist() == [Decimal("12345678.91")]
    assert pyarrow.types.is_decimal(client.frame(["sample:exact"], ["price"]).to_arrow()["price"].type)
