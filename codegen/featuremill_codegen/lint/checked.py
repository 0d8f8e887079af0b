"""What one pipeline's folder says by itself, before all are looked at together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.lint.facts import Facts
from featuremill_codegen.lint.silences import Silence


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings in one pipeline, its facts (None where it can't be loaded), and its silences, not yet applied."""

    findings: tuple[Finding, ...]
    facts: Facts | None
    silences: tuple[Silence, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `from_json`."""
        return {
            "findings": [_plain(each) for each in self.findings],
            "facts": self.facts.to_json() if self.facts is not None else None,
            "silences": [each.to_json() for each in self.silences],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Checked:
        """What `to_json` wrote."""
        return cls(
            tuple(_finding(each) for each in value["findings"]),
            Facts.from_json(value["facts"]) if value["facts"] is not None else None,
            tuple(Silence.from_json(each) for each in value["silences"]),
        )


def _plain(finding: Finding) -> list[Any]:
    return [
        finding.path,
        finding.line,
        finding.column,
        finding.code,
        finding.message,
        finding.help,
        finding.source_line,
        finding.length,
        [[edit.start, edit.end, edit.text] for edit in finding.edits],
    ]


def _finding(value: list[Any]) -> Finding:
    path, line, column, code, message, help, source_line, length, edits = value
    mends = tuple(Edit(*edit) for edit in edits)
    return Finding(path, line, column, code, message, help, source_line, length, edits=mends)
