"""`ci/environments/<name>.yaml`: where pipelines run, what their variables are, and the names of their secrets.

    target: yarn                                   # where batches run: local, yarn or kubernetes
    values: {WAREHOUSE: "hdfs:///warehouse"}       # variables, as run.py takes them from its environment
    secrets: [WEATHER_TOKEN]                       # names alone: their values are in the machine's environment
    spark:
      feature_source: hdfs:///feature_source
      metastore: thrift://metastore.example:9083
      warehouse: hdfs:///warehouse                 # where Hive keeps tables that name no location
      settings: {spark.executor.instances: 4}

A file that is wrong is told of as a pipeline's is: every mistake at its line, with the mend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from featuremill_codegen.as_model import as_model
from featuremill_codegen.errors import Finding, PipelineError, UsageError
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.source import read_source
from featuremill_codegen.yaml_file import Location, YamlFile, read_yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

CODE = "environment"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_URI = re.compile(r"(?:[a-z][a-z0-9+.-]*:/|/)\S*")
_METASTORE = re.compile(r"thrift://[^/\s,]+:\d+(?:,thrift://[^/\s,]+:\d+)*")
_SECRET = re.compile(r"(?:password|passwd|secret|token|credentials?|(?:access|private|secret)[._]?key)$", re.I)
_WITH_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
# What can't rename a folder at once: a partition there could be seen by half.
OBJECT_STORE = re.compile(r"(?:s3[an]?|gs|wasbs?|abfss?)://")
# Settings of Spark that have a key of their own in the file, or are the same everywhere.
_OWN_KEYS = {
    "spark.master": "`target`, and for Kubernetes `master:` under `spark:`",
    "spark.submit.deployMode": "`target`",
    "spark.hadoop.hive.metastore.uris": "`spark.metastore`",
    "spark.sql.warehouse.dir": "`spark.warehouse`",
    "spark.kubernetes.container.image": "`spark.image`",
    "spark.kubernetes.namespace": "`spark.namespace`",
    "spark.kubernetes.file.upload.path": "`spark.upload`",
    "spark.sql.session.timeZone": "nothing: it is UTC everywhere",
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str) and str(value).strip():
        return str(value).strip()
    raise ValueError("some text is wanted here")


def _variable(value: Any) -> str:
    if not isinstance(value, str) or not _VARIABLE.fullmatch(value):
        raise ValueError("this is not a variable's name | letters, digits and _, no digit first; and no value")
    return value


def _location(value: Any) -> str:
    if not isinstance(value, str) or not _URI.fullmatch(value):
        raise ValueError(f"`{value}` is neither an absolute path nor a URI | for example hdfs:///feature_source")
    return value.rstrip("/")


def _metastore(value: Any) -> str:
    if not isinstance(value, str) or not _METASTORE.fullmatch(value):
        raise ValueError(f"`{value}` is no metastore | thrift://HOST:PORT, several with a comma between them")
    return value


Text = Annotated[str, BeforeValidator(_text)]
VariableName = Annotated[str, BeforeValidator(_variable)]
FolderUri = Annotated[str, BeforeValidator(_location)]
Metastore = Annotated[str, BeforeValidator(_metastore)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Spark(_Model):
    """Where Spark runs, its metastore, and where batches write. `settings` are Spark's own, under Spark's names."""

    feature_source: FolderUri
    metastore: Metastore | None = None
    warehouse: FolderUri | None = None
    master: Text | None = None
    image: Text | None = None
    namespace: Text = "default"
    secret: Text | None = None
    upload: FolderUri | None = None
    settings: dict[str, Text] = {}


class Environment(_Model):
    """The whole file."""

    target: Literal["local", "yarn", "kubernetes"]
    values: dict[VariableName, Text] = {}
    secrets: list[VariableName] = []
    spark: Spark


def load_environment(name: str, folder: Path) -> Environment:
    """The environment of that name in the folder of all.

    Raises UsageError where there is none, PipelineError with every mistake of the file at its place.
    """
    path = folder / f"{name}.yaml"
    if not path.is_file():
        there = sorted(each.stem for each in folder.glob("*.yaml"))
        mend = did_you_mean(name, there) or (f"there are {', '.join(there)}" if there else f"write {path}")
        raise UsageError(f"There is no environment `{name}`: {path} is missing.\nhelp: {mend}")
    file = read_yaml(read_source(path, str(path)), CODE)
    try:
        environment = as_model(file, Environment, CODE)
    except PipelineError as error:
        raise PipelineError([_without_value(each) for each in error.findings]) from None
    findings = [*_secrets(file, environment), *_of_target(file, environment), *_of_spark(file, environment.spark)]
    if findings:
        raise PipelineError(findings)
    return environment


def _without_value(finding: Finding) -> Finding:
    """The finding without its line where that may have a secret's value."""
    return replace(finding, source_line="") if finding.message.startswith(("`values", "`secrets")) else finding


def _secrets(file: YamlFile, environment: Environment) -> Iterator[Finding]:
    """A secret has a name here and no value."""
    written: dict[Location, str] = {("values", name): value for name, value in environment.values.items()}
    written |= {("spark", "settings", name): value for name, value in environment.spark.settings.items()}
    for location, value in written.items():
        name = str(location[-1])
        if name in environment.secrets:
            message = f"`{name}` is one of the secrets, and has a value here."
        elif _SECRET.search(name) or _WITH_PASSWORD.search(value):
            message = f"`{name}` looks like a secret, and stands here in plain text."
        else:
            continue
        help = "list its name under `secrets`, and change the secret: it has been seen"
        yield replace(file.finding(CODE, message, location, help=help, at_key=True), source_line="")


def _of_target(file: YamlFile, environment: Environment) -> Iterator[Finding]:
    """What a target needs, and what only another one takes."""
    spark, target = environment.spark, environment.target
    needed = {"kubernetes": ["metastore", "master", "image", "upload"], "yarn": ["metastore"]}.get(target, [])
    if target == "kubernetes" and environment.secrets:
        needed.append("secret")
    for key in needed:
        if getattr(spark, key) is None:
            message, help = f"`spark.{key}` is missing; the target {target} needs it.", f"add `{key}:` {_MEANINGS[key]}"
            yield file.finding(CODE, message, ("spark",), help=help, at_key=True)
    foreign = {"image", "namespace", "secret", "upload"} if target != "kubernetes" else set()
    for key in sorted(foreign | ({"master"} if target == "yarn" else set())):
        if key in file.value["spark"]:
            yield file.finding(CODE, f"`spark.{key}` is not for the target {target}.", ("spark", key), at_key=True)
    wanted = {"kubernetes": "k8s://", "local": "local"}.get(target, "")
    if spark.master is not None and not spark.master.startswith(wanted):
        message = f"`{spark.master}` is no master of the target {target}."
        yield file.finding(CODE, message, ("spark", "master"), help=f"it begins with {wanted}")


_MEANINGS = {
    "metastore": "with thrift://HOST:PORT",
    "master": "with k8s://https://HOST:PORT",
    "image": "with the image that has Spark and Python",
    "upload": "with the folder that the package is handed over in, for example hdfs:///tmp/spark-upload",
    "secret": "with the name of the Kubernetes Secret that has a key for each name under `secrets`",
}


def _of_spark(file: YamlFile, spark: Spark) -> Iterator[Finding]:
    if OBJECT_STORE.match(spark.feature_source):
        message = (
            "An object store can't rename a folder at once: a partition of the feature source could be seen by half."
        )
        help = "hdfs:// or another file system; source tables may lie in an object store"
        yield file.finding(CODE, message, ("spark", "feature_source"), help=help)
    for key in spark.settings:
        location = ("spark", "settings", key)
        if not key.startswith("spark."):
            help = f"did you mean `spark.hadoop.{key}`?" if key.startswith(("fs.", "hive.", "dfs.")) else ""
            yield file.finding(CODE, f"`{key}` is not a setting of Spark's.", location, help=help, at_key=True)
        elif key in _OWN_KEYS:
            yield file.finding(CODE, f"`{key}` is not set here.", location, help=f"use {_OWN_KEYS[key]}", at_key=True)
