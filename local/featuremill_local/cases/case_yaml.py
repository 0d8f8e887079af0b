"""`case.yaml`: what a case says of itself beside its rows. Most cases need none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from featuremill_codegen.as_model import as_model
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.hive.render import DAY
from featuremill_codegen.hive.variables import FilledSource
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.source import read_source
from featuremill_codegen.yaml_file import YamlFile, read_yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from featuremill_local.cases.twin_names import batch_twin_of

FILE = "case.yaml"
CODE = "FM640"


def _reason(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a reason is wanted here | say in a sentence why another order gives other features")
    return value.strip()


def _variables(value: object) -> dict[str, str]:
    """The variables as texts: YAML reads a day as a date."""
    if not isinstance(value, dict):
        raise ValueError("a list of `NAME: value` is wanted here | for example `variables: {dt: 2013-06-01}`")
    for name, each in value.items():
        if not isinstance(each, str | date) or isinstance(each, datetime):
            raise ValueError(f"the value of {name} is not text | write it in quotes")
    return {name: str(each) for name, each in value.items()}


class CaseYaml(BaseModel):
    """The whole file. `duplicates` are append tables whose rows may come twice and change nothing.

    `variables` are those of a batch, `dt` among them; of a stream's case those of its twin, if that is a batch.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    order_matters: Annotated[str | None, BeforeValidator(_reason)] = None
    duplicates: list[str] = []
    variables: Annotated[dict[str, str], BeforeValidator(_variables)] = {}


def read_case_yaml(
    path: Path, shown: str, pipeline: Pipeline, tables: Sequence[str], findings: list[Finding]
) -> CaseYaml:
    """The file, or what stands for it where there is none. `tables` may be named; mistakes become findings."""
    if not path.exists():
        if pipeline.mode == "batch":
            help = f"write {shown} with `variables: {{{DAY}: 2013-06-01}}`"
            findings.append(Finding(shown, 0, 0, CODE, "This case doesn't say for which day it is.", help))
        return CaseYaml()
    try:
        file = read_yaml(read_source(path, shown), CODE)
        read = _validated(file, tables)
        _check_variables(file, read, pipeline)
        return read
    except PipelineError as error:
        findings.extend(error.findings)
        return CaseYaml()


def _check_variables(file: YamlFile, read: CaseYaml, pipeline: Pipeline) -> None:
    """Raise PipelineError unless the case says the day and what else stands in the query of a batch, no other thing.

    The batch is the pipeline or its twin; the case of a stream need not be one for the twin.
    """
    given = read.variables
    batch = pipeline if pipeline.mode == "batch" else batch_twin_of(pipeline) if given else None
    if batch is not None:
        _check_variables_of(batch, file, given)
    elif given:
        message = "The case of a stream has no `variables` unless its twin is a batch: they name nothing here."
        raise PipelineError([file.finding(CODE, message, ("variables",), help="leave them out", at_key=True)])


def _check_variables_of(pipeline: Pipeline, file: YamlFile, given: dict[str, str]) -> None:
    missing = [name for name in _variables_of_query(pipeline) if name not in given]
    if missing:
        place = ("variables",) if "variables" in file.value else ()
        example = ", ".join(f"{name}: {'2013-06-01' if name == DAY else '…'}" for name in missing)
        message = f"This case doesn't say what {', '.join(f'`{name}`' for name in missing)} is."
        raise PipelineError([file.finding(CODE, message, place, help=f"add {example} to `variables: {{…}}`")])
    known = sorted({DAY, *pipeline.variables})
    for name in given:
        if name not in known:
            message = f"The pipeline has no variable `{name}`."
            help = did_you_mean(name, known)
            raise PipelineError([file.finding(CODE, message, ("variables", name), help=help, at_key=True)])
    if not _is_day(given[DAY]):
        message = f"`{DAY}` is a day; '{given[DAY]}' is none."
        raise PipelineError([file.finding(CODE, message, ("variables", DAY), help=f"write {DAY}: 2013-06-01")])


def _variables_of_query(pipeline: Pipeline) -> list[str]:
    """The day, and the other variables in the views and the query, sorted."""
    source = pipeline.query.source
    assert isinstance(source, FilledSource)
    return [DAY, *sorted({name for _, name in source.variables} - {DAY})]


def _is_day(text: str) -> bool:
    try:
        return str(date.fromisoformat(text)) == text
    except ValueError:
        return False


def _validated(file: YamlFile, tables: Sequence[str]) -> CaseYaml:
    read = as_model(file, CaseYaml, CODE)
    unknown = [(index, name) for index, name in enumerate(read.duplicates) if name not in tables]
    if unknown:
        raise PipelineError(
            [
                file.finding(
                    CODE,
                    f"The pipeline has no table `{name}` to which rows are only appended.",
                    ("duplicates", index),
                    help=did_you_mean(name, tables) or "the rows of other tables have a key, and come twice anyway",
                )
                for index, name in unknown
            ]
        )
    return read
