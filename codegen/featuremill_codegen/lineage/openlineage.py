"""The lineage as OpenLineage's column lineage facet, for catalogues that read it.

Each pipeline is an output dataset: its topic of the feature source. A source table on Kafka is named by its servers and
topic, another one by its table; variables stay unresolved.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TextIO

from featuremill_codegen.lineage.entries import Entry
from featuremill_codegen.manifest import transformations
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.variables import BOOTSTRAP_SERVERS

PRODUCER = "urn:featuremill:codegen"
SCHEMA = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"


def write_openlineage(entries: Sequence[Entry], stream: TextIO) -> None:
    """Write a list of output datasets, each with its facet."""
    by_pipeline: dict[str, list[Entry]] = {}
    for entry in entries:
        by_pipeline.setdefault(entry.pipeline.name, []).append(entry)
    datasets = [_dataset(found) for found in by_pipeline.values()]
    stream.write(json.dumps(datasets, indent=2, ensure_ascii=False) + "\n")


def _dataset(entries: Sequence[Entry]) -> dict[str, Any]:
    pipeline = entries[0].pipeline
    names = {table.name: _names(pipeline, table.name) for table in pipeline.tables}
    fields = {
        entry.name: {
            "inputFields": [
                {**names[each.origin.table], "field": each.origin.column, "transformations": transformations(each)}
                for each in entry.lineage.inputs
            ]
        }
        for entry in entries
    }
    facet = {"_producer": PRODUCER, "_schemaURL": SCHEMA, "fields": fields}
    return {
        "namespace": f"kafka://${{{BOOTSTRAP_SERVERS}}}",
        "name": f"features.{pipeline.name}",
        "facets": {"columnLineage": facet},
    }


def _names(pipeline: Pipeline, name: str) -> dict[str, str]:
    table = next(each for each in pipeline.tables if each.name == name)
    topic, servers = table.option("topic"), table.option("properties.bootstrap.servers")
    if topic and servers:
        return {"namespace": f"kafka://{servers}", "name": topic}
    return {"namespace": "featuremill", "name": name}
