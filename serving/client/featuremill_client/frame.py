"""The features of many entities, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from featuremill_client.columns import Column
from featuremill_client.extras import load

if TYPE_CHECKING:
    import numpy
    import pandas
    import polars
    import pyarrow

ENTITY_KEY = "entity_key"


class Table:
    """Columns beside the entities' names. Rows are in the order in which the entities were asked for."""

    __slots__ = ("_columns", "_entities")

    def __init__(self, entities: Sequence[str], columns: Sequence[Column]) -> None:
        self._entities = entities
        self._columns = columns

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame whose index, `entity_key`, is the entities; NA where there is no value.

        Whole numbers are Int8 to Int64, floating-point numbers Float32 and Float64, BOOLEAN `boolean`, text `string`,
        TIMESTAMP datetime64[us, UTC], DATE datetime64[s]; DECIMAL, TIME, BYTES, arrays, maps and rows are Python
        objects. Statuses are categories.
        """
        return load("pandas").frame(self._entities, self._columns, ENTITY_KEY)

    def to_numpy(self) -> dict[str, numpy.ma.MaskedArray]:
        """A masked array for each column, masked where there is no value.

        TIMESTAMP is datetime64[us] in UTC, DATE datetime64[D]; what NumPy has no type for is of dtype object.
        Statuses are their names.
        """
        arrays: dict[str, numpy.ma.MaskedArray] = load("numpy").arrays(self._columns)
        return arrays

    def to_matrix(self, dtype: str = "float64") -> numpy.ndarray:
        """One floating-point row for each entity, as models take them: NaN where there is no value.

        Raises TypeError where a column is neither a number nor BOOLEAN.
        """
        return load("numpy").matrix(self._entities, self._columns, dtype)

    def to_arrow(self, *, index: str = ENTITY_KEY) -> pyarrow.Table:
        """An Arrow table whose first column, called `index`, is the entities; null where there is no value."""
        return load("arrow").table(self._entities, self._columns, index)

    def to_polars(self, *, index: str = ENTITY_KEY) -> polars.DataFrame:
        """A polars DataFrame whose first column, called `index`, is the entities; null where there is no value."""
        return load("polars").frame(self._entities, self._columns, index)

    def __len__(self) -> int:
        return len(self._entities)


class Frame(Table):
    """The features of many entities: itself the values; `statuses` and `event_times` are of the same shape.

    Attributes:
        entities: the entity keys in the order in which they were asked for; one that was asked for twice stands twice.
        features: the columns' names, in the order in which they were asked for, each once.
        statuses: how each value stands, as `Status` has it.
        event_times: when each feature's pipeline last wrote the entity; None unless asked for.
    """

    __slots__ = ("entities", "event_times", "features", "statuses")

    def __init__(
        self,
        entities: Sequence[str],
        values: Sequence[Column],
        statuses: Sequence[Column],
        event_times: Sequence[Column] | None,
    ) -> None:
        super().__init__(entities, values)
        self.entities = tuple(entities)
        self.features = tuple(column.name for column in values)
        self.statuses = Table(entities, statuses)
        self.event_times = None if event_times is None else Table(entities, event_times)

    def __repr__(self) -> str:
        return f"<Frame of {len(self.entities)} entities × {len(self.features)} features>"
