"""Findings as a JSON list: every part of a finding under its own name."""

from __future__ import annotations

import json
from collections.abc import Sequence

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rules import BY_CODE


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects, an empty one where nothing was found. `line` 0 is the file as a whole."""
    return json.dumps(
        [
            {
                "path": each.path,
                "line": each.line,
                "column": each.column,
                "length": each.length,
                "code": each.code,
                "rule": BY_CODE[each.code].title() if each.code in BY_CODE else "",
                "message": each.message,
                "why": each.why,
                "help": each.help,
                "fixable": bool(each.edits),
            }
            for each in findings
        ],
        indent=2,
        ensure_ascii=False,
    )
