"""manifest.json: what a package says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from featuremill_codegen.column_lineage import ColumnLineage, Input
from featuremill_codegen.connectors import jars
from featuremill_codegen.hive.render import variables
from featuremill_codegen.pipeline import Pipeline

FORMAT = 1


@dataclass(frozen=True, slots=True)
class ConnectorJar:
    """Our own jar: Maven coordinates `group:artifact:version`, and the SHA-256 of its bytes in lower-case hex."""

    coordinates: str
    sha256: str


def manifest_without_version(pipeline: Pipeline, connector: ConnectorJar | None) -> dict[str, Any]:
    """The manifest (proto/manifest.schema.json) without its `version`, which is the hash of all the rest."""
    config = pipeline.config
    return {
        "format": FORMAT,
        "pipeline": pipeline.name,
        "mode": pipeline.mode,
        "owner": config.owner,
        "description": config.description,
        "entity": {"name": config.entity.name, "keys": list(config.entity.keys)},
        "max_age_ms": config.max_age,
        "ttl_ms": config.ttl,
        "upgrade": config.upgrade,
        "features": [
            {
                "name": feature.name,
                "type": str(feature.type),
                "sources": list(feature.sources),
                "description": feature.description,
                "unit": feature.unit,
                "default": feature.default,
                **lineage_entry(pipeline.lineage[feature.name]),
            }
            for feature in pipeline.features
        ],
        "tables": [
            {
                "name": table.name,
                "connector": table.connector if pipeline.mode == "stream" else "hive",
                "topic": table.option("topic") or None,
                "options": sorted(table.options),
                "watermark": table.watermark,
            }
            for table in pipeline.tables
        ],
        "variables": list(pipeline.variables) if pipeline.mode == "stream" else variables(pipeline),
        "jars": jars(pipeline.tables) if pipeline.mode == "stream" else [],
        "connector": {"coordinates": connector.coordinates, "sha256": connector.sha256} if connector else None,
        "udfs": [udf.name for udf in pipeline.udfs],
        "requirements": list(pipeline.requirements),
        **_schedule(pipeline),
    }


def _schedule(pipeline: Pipeline) -> dict[str, Any]:
    """When a batch runs, for what runs it; nothing of a stream."""
    schedule = pipeline.config.schedule
    if schedule is None:
        return {}
    return {
        "schedule": {
            "cron": schedule.cron,
            "time_zone": schedule.time_zone,
            "start": schedule.start.isoformat() if schedule.start else None,
            "catch_up": schedule.catch_up,
            "retries": schedule.retries,
            "retry_delay_ms": schedule.retry_delay,
            "sla_ms": schedule.sla,
            "depends_on": list(schedule.depends_on),
        }
    }


def lineage_entry(lineage: ColumnLineage) -> dict[str, Any]:
    """What the manifest says of a column's lineage, with OpenLineage's names for the ways."""
    return {
        "lineage": [
            {"table": each.origin.table, "column": each.origin.column, "transformations": transformations(each)}
            for each in lineage.inputs
        ],
        "udfs": list(lineage.functions),
        "at": f"{lineage.file.rpartition('/')[2]}:{lineage.line}",
    }


def transformations(found: Input) -> list[dict[str, str]]:
    """The ways of one source column, as OpenLineage's column lineage facet writes them."""
    return [{"type": "DIRECT" if way.is_direct else "INDIRECT", "subtype": way.value} for way in found.ways]
