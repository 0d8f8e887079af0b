"""Findings as a GitLab code-quality report: merge requests show them beside the lines."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rules import BY_CODE

_SEVERITIES = {"1": "blocker", "2": "major", "3": "minor", "4": "minor", "5": "critical"}


def gitlab(findings: Sequence[Finding]) -> str:
    """A list of issues. A fingerprint stays the same while lines move, so that GitLab knows an old finding again."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in findings:
        known_by = "\0".join((finding.path, finding.code, finding.message, finding.source_line.strip()))
        seen[known_by] += 1
        fingerprint = hashlib.sha256(f"{known_by}\0{seen[known_by]}".encode(errors="surrogateescape")).hexdigest()
        help = f" ({finding.help})" if finding.help else ""
        issues.append(
            {
                "description": f"{finding.message}{help}",
                "check_name": finding.code,
                "fingerprint": fingerprint,
                "severity": _SEVERITIES[finding.code[2]],
                "categories": [BY_CODE[finding.code].title()] if finding.code in BY_CODE else [],
                "location": {"path": finding.path, "lines": {"begin": max(1, finding.line)}},
            }
        )
    return json.dumps(issues, indent=2, ensure_ascii=False)
