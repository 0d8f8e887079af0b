"""run.py of a batch: a plain PySpark program, rendered from a pipeline."""

from __future__ import annotations

from typing import Any

from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.hive.spark import feature_rows_sql, spark_type
from featuremill_codegen.hive.variables import FilledSource
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement

DAY = "dt"
"""The variable that is the day, and the column by which the tables of a batch are partitioned."""


def batch_context(pipeline: Pipeline) -> dict[str, Any]:
    """What the template run_batch.py.j2 takes."""
    entity = pipeline.config.entity
    kinds = dict(zip(entity.keys, pipeline.key_types, strict=True))
    features = {feature.name: feature.type for feature in pipeline.features}
    has_event_time = any(each.column.name == EVENT_TIME for each in pipeline.columns)
    write = pipeline.config.write
    return {
        "tables": [
            {
                "name": table.name,
                "text": as_written(table.statement),
                "columns": {each.name: spark_type(each.type) for each in table.columns if each.type is not None},
                "partitions": [each.name for each in table.columns if each.kind == "partition"],
            }
            for table in pipeline.tables
        ],
        "variables": variables(pipeline),
        "functions": [udf.name for udf in pipeline.udfs],
        "views": [as_written(view.statement) for view in pipeline.views],
        "query": as_written(pipeline.query),
        "columns": {name: spark_type(kind) for name, kind in {**kinds, **features}.items()},
        "has_event_time": has_event_time,
        "feature_rows": feature_rows_sql(entity.name, entity.keys, pipeline.key_types, features, has_event_time),
        "allow_empty": write is not None and write.allow_empty,
    }


def variables(pipeline: Pipeline) -> list[str]:
    """What run.py takes from its environment: every variable but the day."""
    return [name for name in pipeline.variables if name != DAY]


def as_written(statement: Statement) -> str:
    """The statement with its variables as its file has them."""
    assert isinstance(statement.source, FilledSource)
    return statement.source.as_written(statement.text)
