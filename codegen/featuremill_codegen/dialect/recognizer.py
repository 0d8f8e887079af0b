"""Holds a row of words against a grammar: does it fit, and if not, up to where and what could stand there instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any

END_OF_WORDS = ""
"""The word behind the last one."""

Matcher = Callable[[Sequence[str], int], int]
"""Takes words and where to begin; gives where the match ends, or -1."""

_SYMBOLS = re.compile(r'"(?P<mark>[^"]+)"|(?P<name>\w+)|(?P<sign>[=;|()\[\]{}…!])')


class Recognizer:
    """A grammar in the notation of grammar.py.

    `classes` says which words the grammar's NAME, TEXT and so on stand for; a capital word without a class is itself.
    Parts that can begin with the word at hand are found by a table for each choice, which fills as words come by.
    """

    def __init__(self, grammar: str, classes: Mapping[str, Iterable[str]]) -> None:
        self._rules = dict(_rules(grammar))
        self._classes = {name: frozenset(words) for name, words in classes.items()}
        self._matchers: dict[str, Matcher] = {}
        self._first: dict[str, tuple[frozenset[str], bool]] = {}
        self._farthest: tuple[int, set[str]] | None = None
        self._slow: Recognizer | None = None

    def mismatch(self, rule: str, words: Sequence[str]) -> tuple[int, frozenset[str]] | None:
        """None where the words are a `rule`; else the first word that can't stand, and the words that could.

        `words` ends with END_OF_WORDS.
        """
        last = len(words) - 1
        if self._matcher(rule)(words, 0) == last:
            return None
        return self._explained(rule, words)

    def _explained(self, rule: str, words: Sequence[str]) -> tuple[int, frozenset[str]]:
        """The same once more by matchers that keep where they failed; the quick ones don't."""
        if self._slow is None:
            self._slow = copy(self)
            self._slow._matchers = {}
        slow = self._slow
        slow._farthest = (0, set())
        end = slow._matcher(rule)(words, 0)
        place, expected = slow._farthest
        return max(place, end), frozenset(expected if place >= end else ())

    def _matcher(self, rule: str) -> Matcher:
        found = self._matchers.get(rule)
        if found is None:
            found = self._matchers[rule] = self._compile(self._rules[rule])
        return found

    def _compile(self, part: tuple[Any, ...]) -> Matcher:
        kind, *inner = part
        if kind == "word":
            return self._word(inner[0])
        if kind == "rule":
            return self._rule(inner[0])
        if kind == "all":
            return _all([self._compile(each) for each in inner])
        if kind == "one":
            return self._one(inner)
        matcher = self._compile(inner[0])
        if kind == "not":
            return lambda words, at: at if matcher(words, at) < 0 else -1
        first, _ = self._beginnings(inner[0])
        explaining = self._farthest is not None
        if kind == "maybe":

            def maybe(words: Sequence[str], at: int) -> int:
                if explaining or words[at] in first:
                    end = matcher(words, at)
                    return end if end >= 0 else at
                return at

            return maybe

        def many(words: Sequence[str], at: int) -> int:
            while explaining or words[at] in first:
                end = matcher(words, at)
                if end <= at:
                    return at
                at = end
            return at

        return many

    def _word(self, name: str) -> Matcher:
        wanted = self._classes.get(name, frozenset([name]))
        if self._farthest is None:
            return lambda words, at: at + 1 if words[at] in wanted else -1

        def explained(words: Sequence[str], at: int) -> int:
            if words[at] in wanted:
                return at + 1
            place, expected = self._farthest or (0, set())
            if at > place:
                self._farthest = at, {name}
            elif at == place:
                expected.add(name)
            return -1

        return explained

    def _rule(self, name: str) -> Matcher:
        matcher: Matcher | None = None

        def rule(words: Sequence[str], at: int) -> int:
            nonlocal matcher
            if matcher is None:
                matcher = self._matcher(name)
            return matcher(words, at)

        return rule

    def _one(self, parts: list[tuple[Any, ...]]) -> Matcher:
        choices = [(self._compile(part), *self._beginnings(part)) for part in parts]
        table: dict[str, list[Matcher]] = {}
        explaining = self._farthest is not None

        def one(words: Sequence[str], at: int) -> int:
            word = words[at]
            fitting = table.get(word)
            if fitting is None:
                fitting = table[word] = [
                    matcher for matcher, first, empty in choices if explaining or empty or word in first
                ]
            for matcher in fitting:
                end = matcher(words, at)
                if end >= 0:
                    return end
            return -1

        return one

    def _beginnings(self, part: tuple[Any, ...]) -> tuple[frozenset[str], bool]:
        """The words that the part can begin with, and whether it can be empty."""
        kind, *inner = part
        if kind == "word":
            return self._classes.get(inner[0], frozenset(inner)), False
        if kind == "rule":
            if inner[0] not in self._first:
                self._first[inner[0]] = self._beginnings(self._rules[inner[0]])
            return self._first[inner[0]]
        if kind == "not":
            return frozenset(), True
        if kind == "one":
            found = [self._beginnings(each) for each in inner]
            return frozenset().union(*(first for first, _ in found)), any(empty for _, empty in found)
        if kind == "all":
            words: frozenset[str] = frozenset()
            for each in inner:
                first, empty = self._beginnings(each)
                words |= first
                if not empty:
                    return words, False
            return words, True
        return self._beginnings(inner[0])[0], True


def _all(matchers: list[Matcher]) -> Matcher:
    if len(matchers) == 1:
        return matchers[0]

    def all_of(words: Sequence[str], at: int) -> int:
        for matcher in matchers:
            at = matcher(words, at)
            if at < 0:
                return -1
        return at

    return all_of


def _rules(grammar: str) -> Iterable[tuple[str, tuple[Any, ...]]]:
    """The rules, each a tree of ("all" | "one" | "maybe" | "many" | "not", parts…), ("word", w) and ("rule", name)."""
    symbols = [(match.lastgroup, match[match.lastgroup or 0]) for match in _SYMBOLS.finditer(grammar)]
    at = 0

    def choice() -> tuple[Any, ...]:
        nonlocal at
        parts = [sequence()]
        while symbols[at] == ("sign", "|"):
            at += 1
            parts.append(sequence())
        return parts[0] if len(parts) == 1 else ("one", *parts)

    def sequence() -> tuple[Any, ...]:
        nonlocal at
        parts: list[tuple[Any, ...]] = []
        while symbols[at] not in _ENDS:
            part = single()
            if symbols[at] == ("sign", "…"):
                at += 1
                part = ("all", part, ("many", ("all", ("word", ","), part)))
            parts.append(part)
        return parts[0] if len(parts) == 1 else ("all", *parts)

    def single() -> tuple[Any, ...]:
        nonlocal at
        kind, symbol = symbols[at]
        at += 1
        if kind == "mark":
            return "word", symbol
        if kind == "name":
            return ("word", symbol) if symbol.isupper() else ("rule", symbol)
        if symbol == "!":
            return "not", single()
        inner = choice()
        at += 1
        return {"[": ("maybe", inner), "{": ("many", inner), "(": inner}[symbol]

    while at < len(symbols):
        name = symbols[at][1]
        at += 2
        yield name, choice()
        at += 1


_ENDS = {("sign", sign) for sign in "|)]};"}
