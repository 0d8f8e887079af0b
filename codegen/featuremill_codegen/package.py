"""A package: the folder that deployment takes, the same bytes wherever and whenever it is built."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featuremill_codegen.errors import PipelineError, UsageError
from featuremill_codegen.lint.runner import check
from featuremill_codegen.manifest import ConnectorJar, manifest_without_version
from featuremill_codegen.pipeline import Pipeline, load_pipeline
from featuremill_codegen.render import render

VERSION_LENGTH = 12
"""Hex digits of the hash that make a version: enough that no two of a pipeline's are ever the same."""


@dataclass(frozen=True, slots=True)
class Package:
    """A built package: its folder `<dist>/<pipeline>-<version>`, its manifest, its version."""

    path: Path
    manifest: dict[str, Any]
    version: str


def build_package(folder: Path, dist: Path, connector: ConnectorJar) -> Package:
    """Build the pipeline in `folder` into `dist`. A package that is there already is left as it is.

    Raises PipelineError where the pipeline can't be loaded or breaks the contract, UsageError where `dist` can't be
    written.
    """
    pipeline = load_pipeline(Path(folder))
    findings = check(pipeline, contract_only=True)
    if findings:
        raise PipelineError(findings)
    return package(pipeline, Path(dist), connector)


def package(pipeline: Pipeline, dist: Path, connector: ConnectorJar) -> Package:
    """Write a loaded pipeline's package. The folder appears whole or not at all."""
    files = package_files(pipeline)
    manifest = manifest_without_version(pipeline, connector)
    version = package_version(manifest, files)
    manifest = {"format": manifest["format"], "pipeline": pipeline.name, "version": version, **manifest}
    files["manifest.json"] = to_json(manifest)
    target = dist / f"{pipeline.name}-{version}"
    if not _holds(target, files):
        try:
            _write(target, files)
        except OSError as error:
            raise UsageError(f"The package can't be written to {target}: {error.strerror or error}.") from None
    return Package(target, manifest, version)


def package_files(pipeline: Pipeline) -> dict[str, bytes]:
    """The package's files but the manifest, by name."""
    files = {"run.py": render(pipeline).encode()}
    if pipeline.udf_source is not None:
        files["udf_def.py"] = pipeline.udf_source.text.encode()
    if pipeline.requirements:
        files["requirements.txt"] = "".join(f"{line}\n" for line in pipeline.requirements).encode()
    return files


def package_version(manifest: dict[str, Any], files: dict[str, bytes]) -> str:
    """The hash of the package's files; of the manifest without its version."""
    digest = hashlib.sha256()
    for name, content in sorted({**files, "manifest.json": to_json(manifest)}.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:VERSION_LENGTH]


def to_json(value: Any) -> bytes:
    """JSON for people and machines: two spaces, UTF-8, a line feed at the end."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _holds(target: Path, files: dict[str, bytes]) -> bool:
    """Whether the package is there with exactly these files (`jars/` beside them is deployment's business)."""
    return all((target / name).is_file() and (target / name).read_bytes() == files[name] for name in files)


def _write(target: Path, files: dict[str, bytes]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, content in files.items():
            (beside / name).write_bytes(content)
            (beside / name).chmod(0o644)
        beside.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        os.replace(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
