"""Silences: `featuremill: ignore FM201 because …` in a comment of SQL, YAML or Python.

A silence that stands behind something is about its own line, one that has its line to itself about the next line that
holds more than a comment. (Findings without a line are of rules that can't be silenced.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from featuremill_codegen.errors import Edit, Finding
from featuremill_codegen.names import did_you_mean
from featuremill_codegen.source import SourceFile

WORD = "featuremill:"
_SILENCE = re.compile(
    r"featuremill:\s*(?P<verb>\w*)[ \t]*(?P<codes>[A-Za-z]{1,4}\d{1,6}(?:[ \t]*,[ \t]*[A-Za-z]{1,4}\d{1,6})*)?"
    r"[ \t]*(?:because\b[ \t]*(?P<reason>[^\n]*))?"
)
_SQL = re.compile(r"(?P<comment>--[^\n]*|//[^\n]*|/\*.*?\*/)|'(?:[^']|'')*'|`[^`]*`", re.DOTALL)
_HIVEQL = re.compile(r"""(?P<comment>--[^\n]*|/\*.*?\*/)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`""", re.DOTALL)
_HASH = re.compile(r"(?:^|(?<=\s))(?P<comment>#[^\n]*)", re.MULTILINE)
_PATTERNS = {".sql": _SQL, ".hql": _HIVEQL}

NO_REASON, NO_USE = "FM402", "FM403"


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence. `target` is the line that it is about; `edit` takes it out of the file."""

    path: str
    line: int
    column: int
    length: int
    source_line: str
    target: int
    codes: tuple[str, ...]
    reason: str
    edit: Edit

    def finding(self, code: str, message: str, *, help: str, mendable: bool = False) -> Finding:
        """A finding about the silence itself; `mendable` where taking the whole of it out is the mend."""
        edits = (self.edit,) if mendable else ()
        return Finding(
            self.path, self.line, self.column, code, message, help, self.source_line, self.length, edits=edits
        )

    def covers(self, finding: Finding) -> bool:
        """Whether the silence is about this finding."""
        return finding.code in self.codes and finding.path == self.path and finding.line == self.target

    def to_json(self) -> list[Any]:
        """Plain values, for `from_json`."""
        edit = [self.edit.start, self.edit.end, self.edit.text]
        return [
            self.path,
            self.line,
            self.column,
            self.length,
            self.source_line,
            self.target,
            self.codes,
            self.reason,
            edit,
        ]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> Silence:
        """The silence that `to_json` wrote."""
        path, line, column, length, source_line, target, codes, reason, edit = value
        return cls(path, line, column, length, source_line, target, tuple(codes), reason, Edit(*edit))


def silences_of(source: SourceFile) -> list[Silence]:
    """The silences in a file of a pipeline (.sql, .hql, else a `#` begins a comment)."""
    if WORD not in source.text:
        return []
    pattern = _PATTERNS.get(source.path[-4:], _HASH)
    comments = [match.span("comment") for match in pattern.finditer(source.text) if match["comment"]]
    found = (_silence(source, comments, start, end) for start, end in comments)
    return [each for each in found if each is not None]


def _silence(source: SourceFile, comments: Sequence[tuple[int, int]], start: int, end: int) -> Silence | None:
    match = _SILENCE.search(source.text, start, end)
    if match is None:
        return None
    place = source.finding("", "", match.start(), match.end())
    line_start = source.text.rfind("\n", 0, start) + 1
    alone = not source.text[line_start:start].strip()
    target = _next_line(source, comments, end) if alone else place.line
    codes = tuple(code.strip().upper() for code in (match["codes"] or "").split(",") if code.strip())
    reason = (match["reason"] or "").strip().removesuffix("*/").strip()
    if match["verb"] != "ignore":
        codes, reason = (), ""
    return Silence(
        source.path,
        place.line,
        place.column,
        place.length,
        place.source_line,
        target,
        codes,
        reason,
        _removal(source.text, line_start, start, end, alone=alone),
    )


def _next_line(source: SourceFile, comments: Sequence[tuple[int, int]], end: int) -> int:
    """The first line behind `end` that holds more than comments."""
    text = source.text
    behind = dict(comments)
    index = end
    while index < len(text):
        if text[index].isspace():
            index += 1
        elif index in behind:
            index = behind[index]
        else:
            break
    return text.count("\n", 0, index) + 1


def _removal(text: str, line_start: int, start: int, end: int, *, alone: bool) -> Edit:
    """The edit that takes the comment out: with its whole line where it has that to itself."""
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    if alone and not text[end:line_end].strip():
        return Edit(line_start, min(line_end + 1, len(text)), "")
    if not text[end:line_end].strip():
        return Edit(len(text[:start].rstrip(" \t")), end, "")
    return Edit(start, end, "")


def apply(
    findings: Iterable[Finding],
    silences: Sequence[Silence],
    known: Iterable[str],
    silenceable: frozenset[str],
    elsewhere: frozenset[str] = frozenset(),
) -> list[Finding]:
    """The findings that no silence is about, and what is wrong with the silences themselves.

    `known` are the codes that there are, `silenceable` those of them that a silence may name, and `elsewhere` those
    that another command looks for: whether a silence of theirs has a use can't be told here.
    """
    used: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    by_path: dict[str, list[tuple[int, Silence]]] = {}
    for index, silence in enumerate(silences):
        by_path.setdefault(silence.path, []).append((index, silence))
    for finding in findings:
        covering = [
            index
            for index, silence in by_path.get(finding.path, ())
            if finding.code in silenceable and silence.covers(finding)
        ]
        used.update((index, finding.code) for index in covering)
        if not covering:
            kept.append(finding)
    for index, silence in enumerate(silences):
        named = {code for place, code in used if place == index} | (elsewhere & silenceable)
        kept.extend(_about(silence, named, set(known), silenceable))
    return kept


def _about(silence: Silence, used: set[str], known: set[str], silenceable: frozenset[str]) -> list[Finding]:
    form = "write `featuremill: ignore FM201 because …`"
    if not silence.codes:
        return [silence.finding(NO_REASON, "This silence names no rule.", help=form)]
    findings = []
    if not silence.reason:
        message = "This silence gives no reason."
        findings.append(silence.finding(NO_REASON, message, help=f"{form}: whoever comes next wants to know"))
    useless = [code for code in silence.codes if code not in used]
    for code in useless:
        mendable = len(useless) == len(silence.codes)
        if code not in known:
            message, help = f"There is no rule {code}.", did_you_mean(code, known)
        elif code not in silenceable:
            message, help = f"{code} can't be silenced: the pipeline could not run.", "mend what it says"
        else:
            message, help = f"Nothing here breaks {code}: this silences nothing.", "take it out"
        findings.append(silence.finding(NO_USE, message, help=help, mendable=mendable and code in silenceable))
    return findings
