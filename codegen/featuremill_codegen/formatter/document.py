"""Text with places where lines may break, and its printing: a group stands on one line where it fits.

After Wadler's "A prettier printer"; the widths of all parts are known when they are made, so that printing is linear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

WIDTH = 100
"""Characters on a line. A comment, string or name that is longer stays whole."""
INDENT = 2
NEVER = 1 << 30
"""The flat width of what can't stand on one line."""


@dataclass(slots=True)
class Document:
    """A part. `flat` is its width on one line; `head` its width up to the first place where a line may break."""

    flat: int = 0
    head: int = 0
    breaks: bool = False
    begins_line: bool = False
    ends_line: bool = False


@dataclass(slots=True)
class Text(Document):
    """Characters that stay together."""

    text: str = ""


@dataclass(slots=True)
class Note(Document):
    """A comment: before a token on a line of its own, or behind it."""

    text: str = ""


@dataclass(slots=True)
class Line(Document):
    """A line break, or `flat` spaces in a group that stands on one line."""


@dataclass(slots=True)
class Concat(Document):
    """Parts one behind another."""

    parts: Sequence[Document] = field(default_factory=list)


@dataclass(slots=True)
class Indent(Document):
    """What stands further to the right, where it begins a line."""

    inner: Document = field(default_factory=Document)


@dataclass(slots=True)
class Group(Document):
    """What stands on one line where it fits, and else breaks at all of its own lines."""

    inner: Document = field(default_factory=Document)


EMPTY = Concat()
SPACE = Text(1, 1, text=" ")
LINE = Line(flat=1, head=0, breaks=True)
SOFT_LINE = Line(flat=0, head=0, breaks=True)
HARD_LINE = Line(flat=NEVER, head=0, breaks=True)


def text(characters: str) -> Document:
    """Characters as they are; line feeds in them stay, too."""
    first, line_feed, _ = characters.partition("\n")
    return Text(NEVER if line_feed else len(first), len(first), bool(line_feed), text=characters)


def own_line(comment: str) -> Document:
    """A comment on a line of its own."""
    return Note(0, 0, True, begins_line=True, ends_line=True, text=comment)


def trailing(comment: str) -> Document:
    """A comment at the end of a line. Its width doesn't count: no code breaks for the sake of a comment."""
    return Note(0, 0, False, ends_line=True, text=comment)


def concat(parts: Iterable[Document]) -> Document:
    """Parts one behind another."""
    kept = [part for part in parts if part is not EMPTY]
    if not kept:
        return EMPTY
    if len(kept) == 1:
        return kept[0]
    flat = head = 0
    breaks = False
    for index, part in enumerate(kept):
        forced = (part.begins_line and index > 0) or (part.ends_line and index < len(kept) - 1)
        flat = NEVER if forced else min(NEVER, flat + part.flat)
        if not breaks:
            head += part.head
            breaks = part.breaks
    return Concat(flat, head, breaks, kept[0].begins_line, kept[-1].ends_line, kept)


def indent(inner: Document) -> Document:
    """The part, further to the right."""
    return Indent(inner.flat, inner.head, inner.breaks, inner.begins_line, inner.ends_line, inner)


def group(inner: Document) -> Document:
    """The part on one line, if it fits."""
    return Group(inner.flat, inner.head, inner.breaks, inner.begins_line, inner.ends_line, inner)


def join(separator: Document, parts: Iterable[Document]) -> Document:
    """Parts with a separator between two."""
    joined: list[Document] = []
    for part in parts:
        if joined:
            joined.append(separator)
        joined.append(part)
    return concat(joined)


def render(document: Document) -> str:
    """The text, without a line feed at its end."""
    printer = _Printer()
    printer.run(document)
    return "".join(printer.out)


class _Printer:
    def __init__(self) -> None:
        self.out: list[str] = []
        self.column = 0
        self.at_start = True
        self.space = False
        self.must_break = False

    def run(self, document: Document) -> None:
        stack: list[tuple[int, bool, Document]] = [(0, False, document)]
        while stack:
            depth, flat, part = stack.pop()
            if isinstance(part, Text):
                self.write(depth, part.text)
            elif isinstance(part, Line):
                if flat:
                    self.space = self.space or part.flat == 1
                else:
                    self.newline()
            elif isinstance(part, Concat):
                stack.extend((depth, flat, each) for each in reversed(part.parts))
            elif isinstance(part, Indent):
                stack.append((depth + INDENT, flat, part.inner))
            elif isinstance(part, Group):
                stack.append((depth, flat or self.fits(depth, part, stack), part.inner))
            elif isinstance(part, Note):
                self.note(depth, part)

    def fits(self, depth: int, part: Document, stack: list[tuple[int, bool, Document]]) -> bool:
        if part.flat >= NEVER:
            return False
        left = WIDTH - (depth if self.at_start or self.must_break else self.column + self.space) - part.flat
        if part.ends_line:
            return left >= 0
        for _, _, following in reversed(stack):
            if left < 0:
                return False
            left -= following.head
            if following.breaks or following.ends_line:
                break
        return left >= 0

    def write(self, depth: int, characters: str) -> None:
        if characters == " ":
            self.space = True
            return
        if self.must_break:
            self.newline()
        if self.at_start:
            self.out.append(" " * depth)
            self.column = depth
        elif self.space:
            self.out.append(" ")
            self.column += 1
        self.out.append(characters)
        self.at_start = self.space = False
        line_feed = characters.rfind("\n")
        self.column = self.column + len(characters) if line_feed < 0 else len(characters) - line_feed - 1

    def note(self, depth: int, part: Note) -> None:
        if part.begins_line:
            if not self.at_start:
                self.newline()
        elif not part.text.startswith("/*") and not self.at_start:
            self.out.append(" ")
            self.space = True
        else:
            self.space = True
        self.write(depth, part.text)
        self.must_break = True

    def newline(self) -> None:
        if not self.at_start:
            self.out.append("\n")
        self.at_start, self.space, self.must_break = True, False, False
