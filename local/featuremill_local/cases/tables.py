"""What of a pipeline's tables a case changes: the connector and its options, nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.connectors import FORMAT_OPTIONS
from featuremill_codegen.dead_letters import wrap
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.wrapper import dead_letter_table, feature_source

CONNECTOR = "featuremill-cases"
_LOGS_OF_DATABASES = ("debezium-json", "canal-json", "maxwell-json", "ogg-json", "debezium-avro-confluent")


@dataclass(frozen=True, slots=True)
class Changes:
    """What a table's rows may do to each other: the connector's option, and the kinds of rows."""

    option: str
    kinds: tuple[str, ...]


APPEND = Changes("append", ("+I",))
UPSERT = Changes("upsert", ("+I", "+U", "-D"))
ALL = Changes("all", ("+I", "-U", "+U", "-D"))


def changes(table: SourceTable) -> Changes:
    """What the table's rows may do to each other in production, by its connector and format."""
    if table.connector == "upsert-kafka":
        return UPSERT
    if any(table.option(key) in _LOGS_OF_DATABASES for key in FORMAT_OPTIONS):
        return ALL
    return APPEND


def overrides(pipeline: Pipeline, inputs: dict[str, Path], output: Path) -> dict[str, dict[str, str | None]]:
    """What `run.py --overrides` takes: source tables read their files, what is written goes to the folder `output`."""
    changed: dict[str, dict[str, str | None]] = {}
    for table in pipeline.tables:
        wrapping = wrap(pipeline.name, table)
        options = dict.fromkeys([*table.options, *(wrapping.set if wrapping else ())])
        changed[table.name] = {
            **options,
            "connector": CONNECTOR,
            "path": str(inputs[table.name]),
            "changes": changes(table).option,
        }
    for name, ddl in (("feature_source", feature_source(pipeline)), ("features_dead_letter", dead_letter_table())):
        changed[name] = {
            **dict.fromkeys(_options_of(ddl)),
            "connector": CONNECTOR,
            "path": str(output / f"{name}.jsonl"),
            "format": "json",
            "json.timestamp-format.standard": "ISO-8601",
        }
    return changed


def _options_of(ddl: str) -> list[str]:
    """The names of the options of a CREATE TABLE that code generation has written."""
    _, _, options = ddl.partition(") WITH (")
    return re.findall(r"^\s*'([^']+)' = ", options, re.MULTILINE)


def write_overrides(pipeline: Pipeline, inputs: dict[str, Path], output: Path) -> Path:
    """The file for `run.py --overrides`, in the folder `output`."""
    path = output / "overrides.json"
    path.write_text(json.dumps(overrides(pipeline, inputs, output)))
    return path
