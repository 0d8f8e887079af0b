"""`case.yaml`: what a case says of itself beside its rows. Most cases need none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.model_findings import model_findings
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.source import read_source
from featuremill_codegen.yaml_file import YamlFile, read_yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

FILE = "case.yaml"
CODE = "FM640"


def _reason(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a reason is wanted here | say in a sentence why another order gives other features")
    return value.strip()


class CaseYaml(BaseModel):
    """The whole file. `duplicates` are append tables whose rows may come twice and change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    order_matters: Annotated[str | None, BeforeValidator(_reason)] = None
    duplicates: list[str] = []


def read_case_yaml(path: Path, shown: str, tables: Sequence[str], findings: list[Finding]) -> CaseYaml:
    """The file, or what stands for it where there is none. `tables` may be named; mistakes become findings."""
    if not path.exists():
        return CaseYaml()
    try:
        file = read_yaml(read_source(path, shown), CODE)
        return _validated(file, tables)
    except PipelineError as error:
        findings.extend(error.findings)
        return CaseYaml()


def _validated(file: YamlFile, tables: Sequence[str]) -> CaseYaml:
    if not isinstance(file.value, dict):
        raise PipelineError([file.finding(CODE, f"{FILE} is a list of `key: value`.", ())])
    try:
        read = CaseYaml.model_validate(file.value)
    except ValidationError as error:
        raise PipelineError(model_findings(file, error, CODE, lambda _: list(CaseYaml.model_fields))) from None
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
