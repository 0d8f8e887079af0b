"""What the formats write: the columns of pipelines' queries with their lineage."""

from __future__ import annotations

from dataclasses import dataclass

from featuremill_codegen.column_lineage import ColumnLineage
from featuremill_codegen.contract import EVENT_TIME
from featuremill_codegen.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Entry:
    """A column. `role` is `key`, `event_time` or `feature`; `type` is SQL's."""

    pipeline: Pipeline
    name: str
    role: str
    type: str
    lineage: ColumnLineage

    @property
    def sources(self) -> frozenset[str]:
        """Every source column that reaches it in any way, as `table.column`."""
        return frozenset(f"{each.origin.table}.{each.origin.column}" for each in self.lineage.inputs)

    @property
    def place(self) -> str:
        """Where the expression stands that makes it, `file:line`."""
        return f"{self.lineage.file}:{self.lineage.line}"


def entries_of(pipeline: Pipeline) -> list[Entry]:
    """The keys, the event time and the features of a pipeline."""
    keys = zip(pipeline.config.entity.keys, pipeline.key_types, strict=True)
    found = [(name, "key", str(kind)) for name, kind in keys]
    if EVENT_TIME in pipeline.lineage:
        found.append((EVENT_TIME, "event_time", str(pipeline.event_time_type)))
    found += [(feature.name, "feature", str(feature.type)) for feature in pipeline.features]
    return [Entry(pipeline, name, role, kind, pipeline.lineage[name]) for name, role, kind in found]
