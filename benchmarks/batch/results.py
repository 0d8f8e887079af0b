"""All that a run measured, and what follows from it. A run that ended early has measured some of it only."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from benchmarks.batch.daily import Daily
from benchmarks.batch.query import Query
from benchmarks.sinks.measure import Measurement
from benchmarks.sinks.results import Results as SinkResults


@dataclass
class Results:
    """Filled in as the run goes on: the ingestion job's rounds, its one job over all rows, days by rows, daily runs."""

    software: list[str] = field(default_factory=list)
    ingestion: SinkResults = field(default_factory=SinkResults)
    whole: Measurement | None = None
    queries: dict[int, list[Query]] = field(default_factory=dict)
    daily: list[Daily] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was measured."""
        return not (self.ingestion.measured or self.queries or self.daily)

    def add_query(self, query: Query) -> None:
        """Note a round's measurement."""
        self.queries.setdefault(query.rows, []).append(query)

    def per_row(self, rows: int) -> float | None:
        """Microseconds of the CPU for each row that these are more than the next fewer; None where that is unknown.

        A day costs some 20 s beside its rows, half a second more or less: spread over few rows, that hides theirs.
        """
        fewer = self._next_fewer(rows)
        if fewer is None or rows not in self.queries:
            return None
        spent, without = (statistics.median(each.cpu for each in self.queries[size]) for size in (rows, fewer))
        return (spent - without) / (rows - fewer) * 1e6

    def ratio(self, rows: int) -> float | None:
        """What each of these rows costs as a multiple of what each cost up to the next fewer; None where unknown."""
        fewer = self._next_fewer(rows)
        before = self.per_row(fewer) if fewer is not None else None
        own = self.per_row(rows)
        return own / before if own is not None and before is not None and before > 0 else None

    def _next_fewer(self, rows: int) -> int | None:
        return max((size for size in self.queries if size < rows), default=None)
