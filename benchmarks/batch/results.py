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
        """Microseconds of the CPU for each of so many rows, without what a day of few costs; None where unknown."""
        few = min(self.queries, default=rows)
        if rows not in self.queries or rows == few:
            return None
        spent, without = (statistics.median(each.cpu for each in self.queries[size]) for size in (rows, few))
        return (spent - without) / (rows - few) * 1e6

    def ratio(self, rows: int) -> float | None:
        """What a row costs as a multiple of what it costs where there are fewest of them but for the few."""
        sizes = sorted(self.queries)[1:]
        of_fewest = self.per_row(sizes[0]) if sizes else None
        own = self.per_row(rows)
        return own / of_fewest if own is not None and of_fewest else None
