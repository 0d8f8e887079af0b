"""Twins (`parity_with`): the same rows through two pipelines must give the same values under the same names.

A batch says what holds at the end of one day. So of its twin on the stream those rows count whose event time lies in
that day, behind its beginning, its end with it: who has none there has none in the batch's partition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.hive.render import DAY
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.types import SqlType

from featuremill_local.cases.difference import Difference, at_the_end
from featuremill_local.cases.outcome import Outcome
from featuremill_local.cases.reading import Case, files_of
from featuremill_local.cases.tables import changes
from featuremill_local.cases.twin_names import twins_named
from featuremill_local.cases.wire import FeatureRow

CODE = "FM641"


@dataclass(frozen=True)
class Twins:
    """A pipeline and the one that its `parity_with` names; the features that both have, and those of one alone."""

    pipeline: Pipeline
    twin: Pipeline
    compared: tuple[str, ...]
    alone: tuple[str, ...]

    @property
    def on_two_engines(self) -> bool:
        """Whether one of them is a batch, and the other a stream."""
        return self.pipeline.mode != self.twin.mode

    def takes(self, case: Case) -> bool:
        """Whether the case can go through both: a batch computes a day, so the case must say which."""
        return DAY in case.told.variables or not self.on_two_engines

    def differences(self, case: Case, outcome: Outcome, of_twin: Outcome) -> list[Difference]:
        """What differs at the end, `expected` being the pipeline's own and `actual` its twin's.

        Event times are not compared: a batch has others. A key whose features are all gone is as good as none.
        """
        ours, theirs = self._rows(self.pipeline, case, outcome), self._rows(self.twin, case, of_twin)
        found = at_the_end(self.pipeline, ours, theirs)
        return [each for each in found if each.feature in self.compared]

    def _rows(self, side: Pipeline, case: Case, outcome: Outcome) -> list[FeatureRow]:
        if self.on_two_engines and side.mode == "stream":
            begin = datetime.fromisoformat(case.told.variables[DAY]).replace(tzinfo=UTC)
            of_day = (row for row in outcome.rows if begin < row.event_time <= begin + timedelta(days=1))
            outcome = replace(outcome, rows=tuple(of_day))
        rows = []
        for row in outcome.present():
            features = {name: value for name, value in row.features.items() if name in self.compared}
            if any(value is not None for value in features.values()):
                rows.append(FeatureRow(row.entity_key, row.at, features))
        return rows


def case_of(pipeline: Pipeline, case: Case) -> Case:
    """A case of the pipeline or of its twin, each file's rows being those of the pipeline's own table."""
    tables = _tables_by_file(pipeline)
    return replace(case, inputs=tuple(replace(each, table=tables[each.file]) for each in case.inputs))


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
    """The rows of a case must be rows for both: from files of the same names, with the same columns."""
    ours, theirs = _tables_by_file(pipeline), _tables_by_file(twin)
    for file in sorted(ours.keys() ^ theirs.keys()):
        which, table = ("only this pipeline", ours[file]) if file in ours else (f"only `{twin.name}`", theirs[file])
        raise _refused(pipeline, f"The same rows can't go through both: {which} has a table `{table.name}`.")
    for file, table in ours.items():
        left, right = _columns(table), _columns(theirs[file])
        different = sorted({column for column, _ in left.items() ^ right.items()})
        if different:
            columns = ", ".join(f"`{table.name}.{column}`" for column in different)
            is_are = "is not" if len(different) == 1 else "are not"
            raise _refused(
                pipeline, f"The same rows can't go through both: {columns} {is_are} the same in `{twin.name}`."
            )
        if changes(table) != changes(theirs[file]):
            what = f"those of `{table.name}` change each other in only one of them"
            raise _refused(pipeline, f"The same rows can't go through both: {what}.")


def _tables_by_file(pipeline: Pipeline) -> dict[str, SourceTable]:
    files = files_of(pipeline)
    return {files[table.name]: table for table in pipeline.tables}


def _columns(table: SourceTable) -> dict[str, str]:
    return {column.name: _in_words(column.type) for column in table.columns if column.kind != "computed"}


def _in_words(kind: SqlType | None) -> str:
    """The type without a timestamp's precision: Spark's is 6, that of Flink's time 3; cases write both alike."""
    return kind.root if kind is not None and kind.is_timestamp else str(kind)


def _refused(pipeline: Pipeline, message: str, help: str = "") -> PipelineError:
    found: Finding = pipeline.config_file.finding(CODE, message, ("parity_with",), help=help)
    return PipelineError([found])
