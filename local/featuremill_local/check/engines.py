"""What a pipeline is asked of: the planner of the engine that runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from featuremill_codegen.pipeline import Pipeline

REFUSED = "FM606"
NAMES = {"stream": "Flink", "batch": "Spark"}
"""Engines by the mode of the pipelines that they run."""


class Engine(Protocol):
    """A planner that is asked about pipelines."""

    def start(self, pipelines: Iterable[Pipeline]) -> None:
        """Get ready for these; `ask` waits for it."""

    def wait_until_ready(self) -> None:
        """Wait until it is warm. Raises PartError."""

    def ask(self, pipeline: Pipeline) -> dict[str, Any]:
        """The planner's answer, as `planner_job.py` and `spark_job.py` have it. Raises PartError and PipelineError."""
