"""Variables of HiveQL: put in before the text is read, since they may stand anywhere."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from featuremill_codegen.errors import Finding
from featuremill_codegen.source import SourceFile
from featuremill_codegen.variables import VARIABLE


@dataclass(frozen=True)
class FilledSource(SourceFile):
    """A file with its variables put in; findings are at their places in the file as it is written."""

    original: SourceFile | None = None
    places: tuple[tuple[int, int], ...] = ((0, 0),)
    """(start here, start in the original) of each piece, in order."""
    words: Mapping[str, str] = field(default_factory=dict)
    """The words that stand for variables without a value, and what they stand for."""
    variables: tuple[tuple[int, str], ...] = ()
    """(start here, name) of each variable, in order."""

    def variables_in(self, start: int, end: int) -> tuple[str, ...]:
        """The names of the variables in `text[start:end]`."""
        return tuple(name for place, name in self.variables if start <= place < end)

    def as_written(self, text: str) -> str:
        """A text of this file with its variables as the file has them.

        >>> fill(SourceFile("a.hql", "SELECT ${a}, ${a_b}"), {}).as_written("v_a_b_ and v_a_")
        '${a_b} and ${a}'
        """
        for word in sorted(self.words, key=len, reverse=True):  # a shorter one may be the beginning of a longer one
            text = text.replace(word, self.words[word])
        return text

    def finding(self, code: str, message: str, start: int = 0, end: int | None = None, *, help: str = "") -> Finding:
        assert self.original is not None
        there = None if end is None else max(self._original(end - 1) + 1, self._original(start) + 1)
        return self.original.finding(code, message, self._original(start), there, help=help)

    def _original(self, offset: int) -> int:
        here, there = self.places[bisect_right(self.places, (offset, len(self.text) * 2)) - 1]
        following = [original for _, original in self.places if original > there]
        longest = following[0] - 1 if following else offset + there
        return min(there + offset - here, longest)


def fill(source: SourceFile, values: Mapping[str, str]) -> FilledSource:
    """The file with `${NAME}` replaced by its value, or where there is none by a word of the same length."""
    text = ""
    places = [(0, 0)]
    words: dict[str, str] = {}
    variables: list[tuple[int, str]] = []
    end = 0
    for match in VARIABLE.finditer(source.text):
        text += source.text[end : match.start()]
        places.append((len(text), match.start()))
        variables.append((len(text), match[1]))
        if match[1] in values:
            text += values[match[1]]
        else:
            word = f"v_{match[1]}_"
            words[word] = words[word.lower()] = match[0]
            text += word
        end = match.end()
        places.append((len(text), end))
    return FilledSource(source.path, text + source.text[end:], source, tuple(places), words, tuple(variables))
