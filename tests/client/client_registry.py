"""A registry with a feature of every type, and what their texts mean."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import inf
from pathlib import Path
from typing import Any

# name: type, its Arrow type, its pandas dtype, and texts with their Python values
FEATURES: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "tiny": ("TINYINT", "int8", "Int8", {"-128": -128, "127": 127, "0": 0}),
    "small": ("SMALLINT", "int16", "Int16", {"-32768": -32768, "7": 7}),
    "whole": ("INT", "int32", "Int32", {"2147483647": 2147483647, "-1": -1}),
    "big": ("BIGINT", "int64", "Int64", {"-9223372036854775808": -(2**63), "9223372036854775807": 2**63 - 1}),
    "single": ("FLOAT", "float", "Float32", {"1.5": 1.5, "-0.25": -0.25}),
    "double": ("DOUBLE", "double", "Float64", {"0.1": 0.1, "-1.5E-7": -1.5e-7, "Infinity": inf, "17": 17.0}),
    "truth": ("BOOLEAN", "bool", "boolean", {"true": True, "false": False}),
    "text": ("STRING", "string", "string", {"": "", "é\n✈": "é\n✈"}),
    "code": ("VARCHAR(3)", "string", "string", {"abc": "abc"}),
    "price": ("DECIMAL(10, 2)", "decimal128(10, 2)", "object", {"12.50": Decimal("12.50"), "-0.01": Decimal("-0.01")}),
    "day": ("DATE", "date32[day]", "datetime64[s]", {"2013-01-31": date(2013, 1, 31), "0001-01-01": date(1, 1, 1)}),
    "hour": ("TIME(3)", "time64[us]", "object", {"23:59:59.999": time(23, 59, 59, 999_000), "06:30:00": time(6, 30)}),
    "moment": (
        "TIMESTAMP(3)",
        "timestamp[us, tz=UTC]",
        "datetime64[us, UTC]",
        {"2013-01-01T06:00:00.000Z": datetime(2013, 1, 1, 6, tzinfo=UTC)},
    ),
    "instant": (
        "TIMESTAMP_LTZ(3)",
        "timestamp[us, tz=UTC]",
        "datetime64[us, UTC]",
        {"1969-12-31T23:59:59.999Z": datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)},
    ),
    "blob": ("BYTES", "binary", "object", {"AQI=": b"\1\2", "": b""}),
    "list": ("ARRAY<DOUBLE>", "list<item: double>", "object", {"[1, null, 2.5]": [1.0, None, 2.5], "[]": []}),
    "dates": ("ARRAY<DATE>", "list<item: date32[day]>", "object", {'["2013-01-31"]': [date(2013, 1, 31)]}),
    "counts": ("MAP<STRING, INT>", "map<string, int32>", "object", {'{"a": 1, "b": null}': {"a": 1, "b": None}}),
    "pair": (
        "ROW<`a` DECIMAL(4, 2), `b` ARRAY<STRING>>",
        "struct<a: decimal128(4, 2), b: list<item: string>>",
        "object",
        {'{"a": 1.10, "b": ["x"]}': {"a": Decimal("1.10"), "b": ["x"]}, '{"a": null}': {"a": None, "b": None}},
    ),
    "strange": ("SOMETHING_NEW", "string", "string", {"as it is": "as it is"}),
}
PIPELINE = "of_every_type"
HOUR_MS = 3_600_000


def write_registry(path: Path, **more: str) -> Path:
    """Writes the registry of the entities `sample`, with a feature of every type, and `airport`."""
    types = {name: declared for name, (declared, *_) in FEATURES.items()} | more
    airport = {
        "departures_1h": _feature("BIGINT"),
        "mean_delay_1h": _feature("DOUBLE", default="0"),
        "remark": _feature("STRING"),
    }
    entities = {
        "sample": {"keys": ["sample"], "features": {name: _feature(declared) for name, declared in types.items()}},
        "airport": {"keys": ["airport"], "features": airport},
    }
    sets = {"delay_model_v3": {"entity": "airport", "features": ["mean_delay_1h", "departures_1h"]}}
    pipelines = {PIPELINE: {"version": "1", "owner": "tests", "ttl_ms": 48 * HOUR_MS}}
    registry = {"format": 1, "entities": entities, "pipelines": pipelines, "feature_sets": sets}
    path.write_text(json.dumps(registry), encoding="utf-8")
    return path


def _feature(declared: str, default: str | None = None) -> dict[str, Any]:
    return {"pipeline": PIPELINE, "type": declared, "max_age_ms": 2 * HOUR_MS, "default": default}
