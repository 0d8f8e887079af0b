"""What a case expects: rows of the feature source in the wire form, read with every mistake in its place."""

from __future__ import annotations

from pathlib import Path

from featuremill_codegen.errors import Finding
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.types import SqlType

from featuremill_local.cases.json_lines import Line, read_lines
from featuremill_local.cases.wire import FeatureRow, instant, is_value

EXPECTED = "expected.jsonl"
CHANGELOG = "expected.changelog.jsonl"
BAD_ROW = "FM604"
_MEMBERS = ("entity_key", "event_time", "features")
_FORM = '{"entity_key": "airport:JFK", "event_time": "2013-01-31T06:30:00Z", "features": {"departures_1h": "17"}}'


def read_expectation(
    pipeline: Pipeline, path: Path, shown: str, findings: list[Finding], *, one_a_key: bool
) -> list[FeatureRow]:
    """The rows that the file expects; mistakes become findings. With `one_a_key` a key may not come twice."""
    types = {feature.name: feature.type for feature in pipeline.features}
    rows = []
    seen: dict[str, int] = {}
    for line in read_lines(path, shown, findings):
        mistake = _mistake(pipeline, line, types)
        if mistake is not None:
            findings.append(mistake)
            continue
        values = line.values()
        row = FeatureRow(values["entity_key"], values["event_time"], values["features"])
        if one_a_key and row.entity_key in seen:
            message = f"`{row.entity_key}` stands in line {seen[row.entity_key]} already; a key has one row at the end."
            findings.append(line.at_value(BAD_ROW, "entity_key", message))
        seen.setdefault(row.entity_key, line.number)
        rows.append(row)
    return rows


def _mistake(pipeline: Pipeline, line: Line, types: dict[str, SqlType]) -> Finding | None:
    for name in line.members:
        if name not in _MEMBERS:
            help = did_you_mean(name, _MEMBERS)
            return line.at_name(BAD_ROW, name, f"An expected row has no `{name}`.", help=help)
    for name in _MEMBERS:
        if name not in line.members:
            return line.finding(BAD_ROW, f"This row has no `{name}`.", help=f"for example {_FORM}")
    values = line.values()
    entity = pipeline.config.entity.name
    if not isinstance(values["entity_key"], str) or not values["entity_key"].startswith(f"{entity}:"):
        help = f"the entity's name and the key, joined by a colon: {entity}:…"
        return line.at_value(BAD_ROW, "entity_key", f"This is no key of `{entity}`.", help=help)
    if not isinstance(values["event_time"], str) or not _is_instant(values["event_time"]):
        return line.at_value(
            BAD_ROW, "event_time", "This is no event time.", help='write "2013-01-31T06:30:00Z", in UTC'
        )
    if not isinstance(values["features"], dict):
        return line.at_value(BAD_ROW, "features", "The features are an object.", help=f"for example {_FORM}")
    for name, value in values["features"].items():
        if value is None:
            continue
        if not isinstance(value, str):
            help = f'"{value}"' if not isinstance(value, bool | dict | list) else "in quotes, as it comes out"
            message = f"The value of `{name}` is not text: on the wire every value is."
            return line.at_value(BAD_ROW, "features", message, help=f"write {help}, or null where it is removed")
        if name in types and not is_value(value, types[name]):
            return line.at_value(BAD_ROW, "features", f"`{name}` is {types[name]}; '{value}' is none.")
    return None


def _is_instant(text: str) -> bool:
    try:
        instant(text)
    except ValueError:
        return False
    return True


def write_expectation(path: Path, rows: list[FeatureRow]) -> bool:
    """Write the rows, one a line; whether the file was another one before."""
    content = "".join(row.to_json() + "\n" for row in rows).encode()
    if path.exists() and path.read_bytes() == content:
        return False
    path.write_bytes(content)
    return True
