"""A text file of a pipeline: read once, with places as `line:column`."""

from __future__ import annotations

import errno
import re
import stat
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from featuremill_codegen.errors import Finding, PipelineError

LARGEST_FILE = 1_000_000
"""In bytes. More than that is data that went astray, not SQL."""
MOST_WORDS = 20_000
"""Words and signs of a file, comments included: so reading it takes seconds at most, whatever it holds."""
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class SourceFile:
    """A file's text (line feeds only, no byte order mark), the path it is shown under, and its line starts."""

    path: str
    text: str
    _starts: list[int] = field(init=False, repr=False, compare=False)
    _lines: dict[int, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        starts = [0, *(index + 1 for index, char in enumerate(self.text) if char == "\n")]
        object.__setattr__(self, "_starts", starts)

    def finding(self, code: str, message: str, start: int = 0, end: int | None = None, *, help: str = "") -> Finding:
        """A finding about `text[start:end]`; without `end`, one character."""
        line = bisect_right(self._starts, start)
        first = self._starts[line - 1]
        source_line = self._line(line)
        length = 1 if end is None else max(1, min(end, first + len(source_line)) - start)
        return Finding(self.path, line, start - first + 1, code, message, help, source_line, length)

    def _line(self, line: int) -> str:
        """A line's text, the same object each time: a line may be long, and have many findings."""
        if line not in self._lines:
            first = self._starts[line - 1]
            end = self.text.find("\n", first)
            self._lines[line] = self.text[first : end if end >= 0 else len(self.text)]
        return self._lines[line]

    def offset(self, line: int, column: int) -> int:
        """Where line and column, both from 0, are in the text."""
        return self._starts[min(line, len(self._starts) - 1)] + column


def read_source(path: Path, shown: str) -> SourceFile:
    """The file at `path`; findings name it `shown`.

    Raises PipelineError where it is missing, empty, too large, no file, or not UTF-8.
    """
    return decode_source(read_file(path, shown), shown)


def read_file(path: Path, shown: str) -> bytes:
    """The bytes of the file at `path`. Raises PipelineError where it is missing or can't be read."""
    try:
        return read_start(path)
    except FileNotFoundError:
        raise _broken(shown, "This file is missing.", f"every pipeline has a {path.name}") from None
    except OSError as error:
        raise _broken(shown, f"This file can't be read: {error.strerror}.") from None


def read_start(path: Path) -> bytes:
    """The file's bytes, of one that is too large only so many that this shows.

    Raises OSError, also for what is no regular file: nobody may ever write into a pipe.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    with open(path, "rb") as file:
        return file.read(LARGEST_FILE + 1)


def decode_source(data: bytes, shown: str) -> SourceFile:
    """The file with these bytes. Raises PipelineError where it is empty, too large or not UTF-8."""
    if len(data) > LARGEST_FILE:
        help = "rows belong into sample/ or cases/"
        raise _broken(shown, f"This file is larger than {LARGEST_FILE} bytes.", help)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"This file is not UTF-8: byte 0x{data[error.start]:02X} can't stand here."
        raise PipelineError([Finding(shown, line, column, "FM100", message, "save it as UTF-8")]) from None
    if "\0" in text:
        source = SourceFile(shown, text)
        raise PipelineError([source.finding("FM100", "A NUL character can't stand here.", text.index("\0"))])
    if not text.strip():
        raise _broken(shown, "This file is empty.")
    if len(text) > MOST_WORDS and any(islice(_WORD.finditer(text), MOST_WORDS, None)):
        help = "make several pipelines of it"
        raise _broken(shown, f"This file has more than {MOST_WORDS} words and signs.", help)
    return SourceFile(shown, text.replace("\r\n", "\n").replace("\r", "\n"))


def _broken(shown: str, message: str, help: str = "") -> PipelineError:
    return PipelineError([Finding(shown, 0, 0, "FM100", message, help)])
