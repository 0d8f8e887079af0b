"""Findings as SARIF 2.1.0, which code hosts and editors show beside the lines."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rules import BY_CODE

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Sequence[Finding]) -> str:
    """One run, with the rules that were broken. Columns count characters from 1, as ours do."""
    codes = sorted({finding.code for finding in findings})
    rules = [
        {
            "id": code,
            "name": BY_CODE[code].__name__,
            "shortDescription": {"text": BY_CODE[code].title() + "."},
            "fullDescription": {"text": BY_CODE[code].why[0].upper() + BY_CODE[code].why[1:] + "."},
            "help": {"text": BY_CODE[code].explanation()},
        }
        for code in codes
    ]
    run = {
        "tool": {"driver": {"name": "featuremill lint", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _result(finding: Finding, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(os.fsencode(finding.path))}}
    if finding.line:
        place["region"] = {
            "startLine": finding.line,
            "startColumn": finding.column,
            "endColumn": finding.column + finding.length,
        }
    text = finding.message + (f"\nhelp: {finding.help}" if finding.help else "")
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": "error",
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
