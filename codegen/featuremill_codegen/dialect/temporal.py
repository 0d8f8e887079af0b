"""`FOR SYSTEM_TIME AS OF time` behind a table: its state at that time."""

from __future__ import annotations

from typing import Any

from sqlglot import exp


def version_sql(self: Any, node: exp.Version) -> str:
    return f"FOR SYSTEM_TIME {node.text('kind')} {self.sql(node, 'expression')}"


TEMPORAL_TRANSFORMS = {exp.Version: version_sql}
