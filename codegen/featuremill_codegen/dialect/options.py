"""What follows the columns of CREATE TABLE: `COMMENT '…'`, `PARTITIONED BY (…)` and `WITH ('key' = 'value', …)`."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

OPTIONS_LOCATIONS = {
    exp.PartitionedByProperty: exp.Properties.Location.POST_SCHEMA,
    exp.SchemaCommentProperty: exp.Properties.Location.POST_SCHEMA,
}


def _option(self: Any, node: exp.Property) -> str:
    return f"{self.sql(node, 'this')} = {self.sql(node, 'value')}"


def _comment(self: Any, node: exp.SchemaCommentProperty) -> str:
    return f"COMMENT {self.sql(node, 'this')}"


def _partitioned_by(self: Any, node: exp.PartitionedByProperty) -> str:
    return f"PARTITIONED BY {self.sql(node, 'this')}"


OPTIONS_TRANSFORMS = {
    exp.Property: _option,
    exp.SchemaCommentProperty: _comment,
    exp.PartitionedByProperty: _partitioned_by,
}
