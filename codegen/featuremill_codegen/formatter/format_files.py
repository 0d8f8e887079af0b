"""Formats files: writes them, or tells what it would write."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError, UsageError
from featuremill_codegen.formatter.engines import engine_of
from featuremill_codegen.formatter.formatting import format_source
from featuremill_codegen.replace_file import replace_file
from featuremill_codegen.source import decode_source, read_file

_RED, _GREEN, _CYAN, _BOLD, _OFF = "\033[31m", "\033[32m", "\033[36m", "\033[1m", "\033[0m"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: its bytes before, its text after (None: it can't be formatted), and why it can't be."""

    path: Path
    before: bytes
    after: str | None
    findings: tuple[Finding, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the file isn't in the one style yet."""
        return self.after is not None and self.after.encode() != self.before

    def diff(self, *, color: bool = False) -> str:
        """What changes, as a unified diff."""
        before = self.before.decode("utf-8", errors="replace")
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            (self.after or "").splitlines(keepends=True),
            f"{self.path}",
            f"{self.path} (formatted)",
        )
        return "".join(_colored(_whole_line(line)) if color else _whole_line(line) for line in lines)


def format_file(path: Path) -> Outcome:
    """What formatting the file gives; nothing is written."""
    try:
        return format_bytes(read_file(path, str(path)), path)
    except PipelineError as error:
        return Outcome(path, b"", None, error.findings)


def format_bytes(data: bytes, path: Path) -> Outcome:
    """What formatting these bytes gives, as if they were the file's."""
    try:
        return Outcome(path, data, format_source(decode_source(data, str(path)), engine_of(path.name)))
    except PipelineError as error:
        return Outcome(path, data, None, error.findings)


def write(outcome: Outcome) -> None:
    """Put the formatted text into the file, whole or not at all. Raises UsageError where that can't be."""
    assert outcome.after is not None
    try:
        replace_file(outcome.path, outcome.after.encode())
    except OSError as error:
        raise UsageError(f"{outcome.path} can't be written: {error.strerror or error}.") from None


def summary(outcomes: Sequence[Outcome], *, written: bool) -> str:
    """How many files there were of each kind, in one line."""
    changed = sum(outcome.changed for outcome in outcomes)
    failed = sum(outcome.after is None for outcome in outcomes)
    good = len(outcomes) - changed - failed
    parts = [
        f"{_files(changed)} {'formatted' if written else 'would be formatted'}" if changed else "",
        f"{_files(good)} as {'it' if good == 1 else 'they'} should be" if good else "",
        f"{_files(failed)} left alone" if failed else "",
    ]
    return ", ".join(part for part in parts if part) or "no files"


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _whole_line(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _colored(line: str) -> str:
    for start, color in (("---", _BOLD), ("+++", _BOLD), ("@@", _CYAN), ("-", _RED), ("+", _GREEN)):
        if line.startswith(start):
            return f"{color}{line[:-1]}{_OFF}\n"
    return line
