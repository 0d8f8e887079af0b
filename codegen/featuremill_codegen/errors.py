"""The one kind of error: a place in a file, what is wrong there, and the mend.

    FeaturemillError
    ├── PipelineError   a pipeline's folder has mistakes (holds one or more findings)
    └── UsageError      what was asked for can't be done (an unknown pipeline, a folder that exists already)

A finding prints as

    pipelines/p/transform.sql:3:8: FM110 The query has no column `airport`, the key of entity `airport`.
      3 | SELECT origin, window_end AS event_time
        |        ^^^^^^
    why:  without its key a row belongs to no entity, so no reader could ever ask for it
    help: name a column of the query `airport`, for example `SELECT … AS airport`
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_RED, _CYAN, _BOLD, _DIM, _OFF = "\033[31m", "\033[36m", "\033[1m", "\033[2m", "\033[0m"
_WIDEST_LINE = 200


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A mend: `text` in the place of the characters `start` to `end` (exclusive) of the file as `SourceFile` has it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A mistake at a place. `line` and `column` count from 1 (0: the file as a whole); `length` is in characters.

    `why` is what it does in production, `edits` mend it without a person, and `others` are the pipelines that have a
    part in it beside the one that the place is in.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    help: str = ""
    source_line: str = ""
    length: int = 1
    why: str = ""
    edits: tuple[Edit, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """`file`, or `file:line:column`."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def render(self, *, color: bool = False) -> str:
        """The finding as text of one to five lines, without a line feed at the end."""
        bold, red, cyan, dim, off = (_BOLD, _RED, _CYAN, _DIM, _OFF) if color else ("", "", "", "", "")
        lines = [f"{bold}{self.place}:{off} {red}{self.code}{off} {self.message}"]
        if self.line and self.source_line.strip():
            text, start = _cut(self.source_line, self.column - 1)
            length = max(1, min(self.length, len(text) - start))
            number = str(self.line)
            lines.append(f"  {dim}{number} |{off} {_printable(text)}")
            lines.append(f"  {dim}{' ' * len(number)} |{off} {' ' * start}{red}{'^' * length}{off}")
        if self.why:
            lines.append(f"{cyan}why:{off}  {self.why}")
        if self.help:
            lines.append(f"{cyan}help:{off} {self.help}")
        return "\n".join(lines)


class FeaturemillError(Exception):
    """What a person can mend; its text is the whole message."""


class PipelineError(FeaturemillError):
    """A pipeline can't be loaded, or breaks the contract."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__(self.render())

    def render(self, *, color: bool = False) -> str:
        """All findings, an empty line between two."""
        return "\n\n".join(finding.render(color=color) for finding in self.findings)


class UsageError(FeaturemillError):
    """What was asked for can't be done; nothing was changed."""


def _printable(line: str) -> str:
    """The line with a space for each tab and a mark for each character that would move the cursor."""
    return "".join(
        " " if char == "\t" else char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line
    )


def _cut(line: str, start: int) -> tuple[str, int]:
    """A long line cut down around `start`, and where `start` is then."""
    start = min(max(start, 0), len(line))
    if len(line) <= _WIDEST_LINE:
        return line, start
    first = max(0, start - _WIDEST_LINE // 2)
    return line[first : first + _WIDEST_LINE], start - first
