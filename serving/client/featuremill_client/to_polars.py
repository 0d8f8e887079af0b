"""Columns as a polars DataFrame, which takes over Arrow's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars

from featuremill_client.columns import Column
from featuremill_client.to_arrow import table


def frame(entities: Sequence[str], columns: Sequence[Column], index: str) -> Any:
    """The columns beside one of the entities, which comes first."""
    return polars.from_arrow(table(entities, columns, index))
