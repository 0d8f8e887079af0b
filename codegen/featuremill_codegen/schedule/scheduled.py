"""A batch pipeline as a scheduler sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from featuremill_codegen.collection import load_all
from featuremill_codegen.config import Schedule
from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.lint.runner import check_together
from featuremill_codegen.names import no_such
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.schedule.command_lines import CommandLines


@dataclass(frozen=True)
class Scheduled:
    """What of a pipeline the files of both schedulers are made from. `version` is that of its package.

    The history of a stream (`bootstrap_from`) is written to Redis as that stream's, with its time to live.
    """

    pipeline: str
    version: str
    owner: str
    description: str
    ttl_ms: int | None
    schedule: Schedule
    written_as: str | None = None

    @property
    def first_run(self) -> date | None:
        """The day on which the first run can be: a run computes the day before it."""
        return self.schedule.start + timedelta(1) if self.schedule.start is not None else None

    def commands(self, day: str) -> CommandLines:
        """Its command lines, with the day as the scheduler writes it."""
        return CommandLines(self.pipeline, self.version, self.ttl_ms, day, self.written_as)


@dataclass(frozen=True)
class Batches:
    """The batches of a folder of pipelines that were asked for, each after those that it depends on.

    `names` are those of all batches that can be scheduled, `twins` those that are only compared with another pipeline,
    so that nothing runs them daily, `streams` those whose past a batch fills, by the batch's name.
    """

    chosen: tuple[Pipeline, ...]
    names: frozenset[str]
    twins: tuple[str, ...]
    streams: Mapping[str, Pipeline]

    def scheduled(self, pipeline: Pipeline, version: str) -> Scheduled:
        """A pipeline of `chosen` with the version of its package."""
        config = pipeline.config
        assert config.schedule is not None
        stream = self.streams.get(pipeline.name)
        ttl = config.ttl if stream is None else stream.config.ttl
        written_as = None if stream is None else stream.name
        return Scheduled(pipeline.name, version, config.owner, config.description, ttl, config.schedule, written_as)


def find_batches(root: Path, names: list[str]) -> Batches:
    """The batches of these names; all of the folder without a name.

    Raises PipelineError with what is wrong in any pipeline or between two, UsageError for a name that no batch has.
    """
    pipelines, findings = load_all(root)
    findings += check_together(pipelines)
    if findings:
        raise PipelineError(findings)
    batches = {each.name: each for each in pipelines if each.mode == "batch"}
    twins = [name for name, each in batches.items() if each.config.parity_with is not None]
    for name in names:
        if name not in batches and name in (each.name for each in pipelines):
            raise UsageError(f"The pipeline `{name}` is a stream: it always runs, and nothing schedules it.")
        if name not in batches:
            raise no_such("batch pipeline", name, batches)
        if name in twins:
            raise UsageError(f"The batch `{name}` is a twin (`parity_with`): it is only compared, and nothing runs it.")
    ordered: dict[str, Pipeline] = {}
    for name in sorted(batches):
        _add(name, batches, ordered)
    schedulable = {name: each for name, each in ordered.items() if name not in twins}
    chosen = tuple(each for name, each in schedulable.items() if not names or name in names)
    streams = {each.config.bootstrap_from: each for each in pipelines if each.config.bootstrap_from is not None}
    return Batches(chosen, frozenset(schedulable), tuple(sorted(twins)), streams)


def _add(name: str, batches: dict[str, Pipeline], ordered: dict[str, Pipeline]) -> None:
    """Adds a batch behind those that it depends on; there are no circles."""
    schedule = batches[name].config.schedule
    for upstream in sorted(schedule.depends_on if schedule is not None else ()):
        _add(upstream, batches, ordered)
    ordered.setdefault(name, batches[name])
