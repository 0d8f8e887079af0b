"""A pipeline's golden cases: the folders below `cases/`, read and checked before anything is started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError, UsageError
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.tables import SourceTable

from featuremill_local.cases.case_yaml import FILE, CaseYaml, read_case_yaml
from featuremill_local.cases.expectation import CHANGELOG, EXPECTED, read_expectation
from featuremill_local.cases.json_lines import Line, read_lines
from featuremill_local.cases.letters import DEAD_LETTERS, DeadLetter, read_letters
from featuremill_local.cases.row_values import mistake
from featuremill_local.cases.tables import APPEND, changes
from featuremill_local.cases.wire import FeatureRow, instant

COLUMN, VALUE, FOLDER = "FM602", "FM603", "FM605"
WATERMARK, IDLE, KIND = "@watermark", "@idle", "@kind"


@dataclass(frozen=True, slots=True)
class Input:
    """The lines of one source table: rows, and those that move time. `path` is None where the case has no file.

    `file` is the name of its file.
    """

    table: SourceTable
    file: str
    path: Path | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A golden case. `expected` is None without `expected.jsonl`, `changelog` without `expected.changelog.jsonl`.

    `letters` are the dead letters that it expects, none without `expected.dead_letters.jsonl`.
    """

    name: str
    folder: Path
    inputs: tuple[Input, ...]
    expected: tuple[FeatureRow, ...] | None
    changelog: tuple[FeatureRow, ...] | None
    letters: tuple[DeadLetter, ...] = ()
    told: CaseYaml = field(default_factory=CaseYaml)


def read_cases(pipeline: Pipeline, names: Sequence[str] = (), *, update: bool = False) -> list[Case]:
    """The pipeline's cases by name, or those of `names`.

    With `update` what they expect is not read, and need not be there. Raises PipelineError with every mistake in the
    files, UsageError where there is no such case.
    """
    root = pipeline.folder / "cases"
    folders = (
        sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._") if root.is_dir() else []
    )
    known = {folder.name: folder for folder in folders}
    for name in names:
        if name not in known:
            help = did_you_mean(name, known) or f"a case is a folder pipelines/{pipeline.name}/cases/<case>/"
            raise UsageError(f"{pipeline.name} has no case {name!r}\nhelp: {help}")
    findings: list[Finding] = []
    cases = [_read_case(pipeline, known[name], update, findings) for name in (dict.fromkeys(names) or known)]
    if findings:
        raise PipelineError(findings)
    return cases


def files_of(pipeline: Pipeline) -> dict[str, str]:
    """The name of the file of each table's rows: the table's own, without its database unless two have the same."""
    plain = {table.name: table.name.rpartition(".")[2] for table in pipeline.tables}
    once = Counter(plain.values())
    return {name: f"{short if once[short] == 1 else name}.jsonl" for name, short in plain.items()}


def _read_case(pipeline: Pipeline, folder: Path, update: bool, findings: list[Finding]) -> Case:
    shown = f"{pipeline.folder.parent.name}/{pipeline.name}/cases/{folder.name}"
    is_batch = pipeline.mode == "batch"
    inputs = []
    names = files_of(pipeline)
    for table in pipeline.tables:
        path = folder / names[table.name]
        lines = read_lines(path, f"{shown}/{path.name}", findings) if path.exists() else []
        for line in lines:
            found = _batch_mistake(table, line) if is_batch else None
            found = found or _line_mistake(table, line)
            if found is not None:
                findings.append(found)
        inputs.append(Input(table, path.name, path if path.exists() else None, tuple(lines)))
    files = list(names.values())
    for path in sorted(folder.iterdir()):
        if path.name not in (*files, EXPECTED, CHANGELOG, DEAD_LETTERS) and path.suffix == ".jsonl":
            message = f"The pipeline has no table `{path.stem}`."
            help = did_you_mean(path.stem, [file.removesuffix(".jsonl") for file in files])
            findings.append(Finding(f"{shown}/{path.name}", 0, 0, FOLDER, message, help))
    if not any(each.path for each in inputs):
        help = f"write the rows of a source table to {shown}/{files[0]}, one JSON object a line"
        findings.append(Finding(shown, 0, 0, FOLDER, "This case has no rows.", help))
    expected, changelog = folder / EXPECTED, folder / CHANGELOG
    if not update and not expected.exists():
        help = f"write it, or see what comes out: nox -s test-{pipeline.name} -- --case {folder.name} --update"
        findings.append(Finding(shown, 0, 0, FOLDER, f"This case expects nothing: there is no {EXPECTED}.", help))
    if changelog.exists() and is_batch:
        message = f"A batch has no {CHANGELOG}: it writes the rows of a day once."
        findings.append(Finding(f"{shown}/{CHANGELOG}", 0, 0, FOLDER, message, f"say them in {EXPECTED}"))
    elif changelog.exists() and len(pipeline.tables) > 1:
        message = f"{CHANGELOG} can't be kept: the order between the rows of several tables isn't determined."
        findings.append(Finding(f"{shown}/{CHANGELOG}", 0, 0, FOLDER, message, f"say the end alone, in {EXPECTED}"))

    def rows(path: Path, *, one_a_key: bool) -> tuple[FeatureRow, ...] | None:
        if not path.exists():
            return None
        if update:
            return ()
        return tuple(read_expectation(pipeline, path, f"{shown}/{path.name}", findings, one_a_key=one_a_key))

    letters: list[DeadLetter] = []
    if not update and (folder / DEAD_LETTERS).exists():
        letters = read_letters(folder / DEAD_LETTERS, f"{shown}/{DEAD_LETTERS}", findings)
    appended = [table.name for table in pipeline.tables if changes(table) is APPEND]
    return Case(
        folder.name,
        folder,
        tuple(inputs),
        rows(expected, one_a_key=True),
        rows(changelog, one_a_key=False),
        tuple(letters),
        read_case_yaml(folder / FILE, f"{shown}/{FILE}", pipeline, appended, findings),
    )


def moves_time(line: Line) -> bool:
    """Whether the line is no row, but moves the time of its table."""
    return WATERMARK in line.members or IDLE in line.members


def _batch_mistake(table: SourceTable, line: Line) -> Finding | None:
    """What is a mistake in a batch only: words of streams, and a row of no partition."""
    for name in (WATERMARK, IDLE, KIND):
        if name in line.members:
            message = f'"{name}" is a word of streams: the rows of a batch are all there, in no order.'
            return line.at_name(VALUE, name, message, help="leave it out")
    for column in table.columns:
        member = line.members.get(column.name)
        if column.kind == "partition" and member is not None and member.value in (None, ""):
            message = f"`{table.name}` is partitioned by `{column.name}`, so every row has a value of it."
            return line.at_value(VALUE, column.name, message)
    return None


def _line_mistake(table: SourceTable, line: Line) -> Finding | None:
    if moves_time(line):
        return _time_mistake(table, line)
    kinds = changes(table).kinds
    if KIND in line.members and line.members[KIND].value not in kinds:
        help = f"a row of `{table.name}` is one of {', '.join(kinds)}" if len(kinds) > 1 else "leave it out"
        return line.at_value(VALUE, KIND, "A row of this table can't be of this kind.", help=help)
    columns = {column.name: column for column in table.columns if column.kind != "computed"}
    for name in line.members:
        if name in columns or name == KIND:
            continue
        if any(column.name == name for column in table.columns):
            message = f"`{name}` is computed by `{table.name}` itself."
            return line.at_name(COLUMN, name, message, help="leave it out")
        message = f"The table `{table.name}` has no column `{name}`."
        return line.at_name(COLUMN, name, message, help=did_you_mean(name, columns))
    for name, column in columns.items():
        if name not in line.members:
            help = f'write "{name}": null where it has no value'
            return line.finding(COLUMN, f"The column `{name}` is missing.", help=help)
        found = mistake(line.members[name].value, column.type, name)
        if found is not None:
            return line.at_value(VALUE, name, found[0], help=found[1])
    return None


def _time_mistake(table: SourceTable, line: Line) -> Finding | None:
    name = WATERMARK if WATERMARK in line.members else IDLE
    if len(line.members) > 1:
        return line.at_name(VALUE, name, f'"{name}" stands alone in its line.')
    if table.watermark is None:
        message = f"`{table.name}` has no WATERMARK, so nothing moves its time."
        return line.at_name(VALUE, name, message, help="leave this line out")
    value = line.members[name].value
    if name == IDLE and value is not True:
        return line.at_value(VALUE, name, "A table is idle until its next row.", help=f'write {{"{IDLE}": true}}')
    if name == WATERMARK:
        try:
            instant(value if isinstance(value, str) else "")
        except ValueError:
            help = 'write "2013-01-31T06:30:00Z", in UTC'
            return line.at_value(VALUE, name, "This is no time.", help=help)
    return None
