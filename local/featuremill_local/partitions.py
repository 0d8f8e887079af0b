"""Partitions of the batch feature source on this machine: which there are, and as what they go to Redis."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from featuremill_codegen.pipeline import Pipeline
from featuremill_sinks.partition import ABOUT

from featuremill_local.batch_data import days_of_partitions
from featuremill_local.places import REPOSITORY

KEPT = REPOSITORY / ".featuremill" / "feature_source"
"""Where a backfill keeps its partitions."""


@dataclass(frozen=True)
class Partitions:
    """The partitions of a batch on these days, in `<feature_source>/<pipeline>/dt=<day>`.

    They are written as rows of the pipeline `written_as`, with its time to live in milliseconds: the batch itself, or
    the stream whose history it is.
    """

    feature_source: Path
    pipeline: str
    days: Sequence[date]
    written_as: str
    ttl: int | None

    def arguments(self) -> list[str]:
        """The arguments by which the ingestion job and its verification find them."""
        where = ["--feature-source", str(self.feature_source), "--pipeline", self.pipeline]
        return [*where, *(part for day in self.days for part in ("--date", str(day))), "--written-as", self.written_as]

    def rows(self) -> int | None:
        """How many rows run.py said that it wrote; None where it said nothing of one of them."""
        said = [rows_said(self.feature_source, self.pipeline, day) for day in self.days]
        return None if None in said else sum(rows for rows in said if rows is not None)


def partitions_of(batch: Pipeline, stream: Pipeline | None, feature_source: Path, days: Sequence[date]) -> Partitions:
    """The partitions of a batch on these days; `stream` is the one whose history it is."""
    written_as = stream or batch
    return Partitions(feature_source, batch.name, days, written_as.name, written_as.config.ttl)


def days_there(feature_source: Path, pipeline: str) -> list[date]:
    """The days of which the batch has a partition, in order."""
    folder = feature_source / pipeline
    return days_of_partitions(folder) if folder.is_dir() else []


def rows_said(feature_source: Path, pipeline: str, day: date) -> int | None:
    """How many rows of this partition run.py said that it wrote; None where it said nothing."""
    try:
        return int(json.loads((feature_source / pipeline / f"dt={day}" / ABOUT).read_text(encoding="utf-8"))["rows"])
    except FileNotFoundError:
        return None
