"""Twins (`parity_with`): the same rows through two pipelines must give the same values under the same names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_codegen.tables import SourceTable

from featuremill_local.cases.difference import Difference, at_the_end
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.tables import changes
from featuremill_local.cases.wire import FeatureRow

CODE = "FM641"
_PARITY_WITH = re.compile(r"^parity_with:\s*[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)


@dataclass(frozen=True)
class Twins:
    """A pipeline and the one that its `parity_with` names; the features that both have, and those of one alone."""

    pipeline: Pipeline
    twin: Pipeline
    compared: tuple[str, ...]
    alone: tuple[str, ...]

    def differences(self, outcome: Outcome, of_twin: Outcome) -> list[Difference]:
        """What differs at the end, `expected` being the pipeline's own and `actual` its twin's.

        Event times are not compared: a batch has others. A key whose features are all gone is as good as none.
        """
        ours, theirs = self._rows(outcome), self._rows(of_twin)
        found = at_the_end(self.pipeline, ours, theirs)
        return [each for each in found if each.feature in self.compared]

    def _rows(self, outcome: Outcome) -> list[FeatureRow]:
        rows = []
        for row in outcome.present():
            features = {name: value for name, value in row.features.items() if name in self.compared}
            if any(value is not None for value in features.values()):
                rows.append(FeatureRow(row.entity_key, row.at, features))
        return rows


def twins_named(folder: Path) -> dict[str, str]:
    """The names of the pipelines in `folder` that have a `parity_with`, and what it names."""
    found = {}
    for path in sorted(folder.glob("*/feature.yaml")):
        named = _PARITY_WITH.search(path.read_text(encoding="utf-8", errors="replace"))
        if named is not None:
            found[path.parent.name] = named[1]
    return found


def twins_of(pipelines: Sequence[Pipeline], folder: Path) -> list[Twins]:
    """The twins in which these pipelines have a part, on either side.

    Raises PipelineError where a twin is missing, can't be loaded, or can't be compared.
    """
    loaded = {pipeline.name: pipeline for pipeline in pipelines}
    asked = set(loaded)

    def load(name: str) -> Pipeline:
        if name not in loaded:
            loaded[name] = load_pipeline(folder / name)
        return loaded[name]

    named = twins_named(folder)
    return [
        _twins(load(name), load(twin) if (folder / twin / "feature.yaml").exists() else None, folder)
        for name, twin in named.items()
        if {name, twin} & asked
    ]


def _twins(pipeline: Pipeline, twin: Pipeline | None, folder: Path) -> Twins:
    if twin is None:
        name = str(pipeline.config.parity_with)
        others = [path.parent.name for path in folder.glob("*/feature.yaml") if path.parent.name != pipeline.name]
        raise _refused(pipeline, f"There is no pipeline `{name}`.", did_you_mean(name, others))
    entity, other = pipeline.config.entity, twin.config.entity
    if (entity.name, len(entity.keys)) != (other.name, len(other.keys)):
        raise _refused(pipeline, f"`{twin.name}` is of another entity: `{other.name}`, not `{entity.name}`.")
    _check_tables(pipeline, twin)
    names = [feature.name for feature in pipeline.features]
    others = [feature.name for feature in twin.features]
    compared = tuple(name for name in names if name in others)
    if not compared:
        help = f"it has {', '.join(others)}"
        raise _refused(pipeline, f"`{twin.name}` has no feature of a name that this pipeline has.", help)
    alone = tuple(name for name in (*names, *others) if name not in compared)
    return Twins(pipeline, twin, compared, alone)


def _check_tables(pipeline: Pipeline, twin: Pipeline) -> None:
    """The rows of a case must be rows for both."""
    ours, theirs = ({table.name: table for table in each.tables} for each in (pipeline, twin))
    for name in sorted(ours.keys() ^ theirs.keys()):
        which = "only this pipeline" if name in ours else f"only `{twin.name}`"
        raise _refused(pipeline, f"The same rows can't go through both: {which} has a table `{name}`.")
    for name in ours:
        left, right = _columns(ours[name]), _columns(theirs[name])
        different = sorted({column for column, _ in left.items() ^ right.items()})
        if different:
            columns = ", ".join(f"`{name}.{column}`" for column in different)
            is_are = "is not" if len(different) == 1 else "are not"
            raise _refused(
                pipeline, f"The same rows can't go through both: {columns} {is_are} the same in `{twin.name}`."
            )
        if changes(ours[name]) != changes(theirs[name]):
            message = f"The same rows can't go through both: those of `{name}` change each other in only one of them."
            raise _refused(pipeline, message)


def _columns(table: SourceTable) -> dict[str, str]:
    return {column.name: str(column.type) for column in table.columns if column.kind != "computed"}


def _refused(pipeline: Pipeline, message: str, help: str = "") -> PipelineError:
    found: Finding = pipeline.config_file.finding(CODE, message, ("parity_with",), help=help)
    return PipelineError([found])
