"""Findings for people and for tools: one format a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.formats.gitlab import gitlab
from featuremill_codegen.lint.formats.json import as_json
from featuremill_codegen.lint.formats.sarif import sarif

MACHINE_FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {"json": as_json, "sarif": sarif, "gitlab": gitlab}
"""The formats that a tool reads, by the name that `--format` takes."""
FORMATS = ("text", *MACHINE_FORMATS)
