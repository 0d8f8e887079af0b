"""Where the clauses of a query begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from featuremill_codegen.formatter.blocks import Block, Element, is_word
from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.lexemes import Kind


class Layout(Enum):
    """How what follows a clause's first words is laid out."""

    WITH = "subqueries with names"
    COLUMNS = "a list: one an own line each, where they don't fit on one"
    TABLES = "such a list, whose only item stays behind the first words"
    CONDITION = "a condition that breaks before AND and OR"
    JOIN = "a table, and ON with its condition"
    ROWS = "a list of rows"
    SET_OPERATION = "UNION and the like, each query in brackets on lines of its own"
    PLAIN = "as it comes"


@dataclass(frozen=True, slots=True)
class Clause:
    """The first words of a clause and what follows them."""

    layout: Layout
    head: list[Element]
    body: list[Element]


_HEADS: tuple[tuple[tuple[str, ...], Layout], ...] = (
    (("SELECT", "DISTINCT"), Layout.COLUMNS),
    (("SELECT", "ALL"), Layout.COLUMNS),
    (("SELECT",), Layout.COLUMNS),
    (("FROM",), Layout.TABLES),
    (("WHERE",), Layout.CONDITION),
    (("HAVING",), Layout.CONDITION),
    (("QUALIFY",), Layout.CONDITION),
    (("GROUP", "BY"), Layout.TABLES),
    (("ORDER", "BY"), Layout.TABLES),
    (("PARTITION", "BY"), Layout.TABLES),
    (("CLUSTER", "BY"), Layout.TABLES),
    (("DISTRIBUTE", "BY"), Layout.TABLES),
    (("SORT", "BY"), Layout.TABLES),
    (("WINDOW",), Layout.TABLES),
    (("VALUES",), Layout.ROWS),
    (("LIMIT",), Layout.PLAIN),
    (("OFFSET",), Layout.PLAIN),
    (("FETCH",), Layout.PLAIN),
    (("INSERT", "INTO"), Layout.PLAIN),
    (("INSERT", "OVERWRITE"), Layout.PLAIN),
    (("LATERAL", "VIEW"), Layout.PLAIN),
    (("UNION",), Layout.SET_OPERATION),
    (("INTERSECT",), Layout.SET_OPERATION),
    (("EXCEPT",), Layout.SET_OPERATION),
    (("MINUS",), Layout.SET_OPERATION),
)
_IN_BRACKETS: tuple[tuple[tuple[str, ...], Layout], ...] = (
    (("ROWS", "BETWEEN"), Layout.PLAIN),
    (("RANGE", "BETWEEN"), Layout.PLAIN),
    (("ROWS",), Layout.PLAIN),
    (("RANGE",), Layout.PLAIN),
    (("MEASURES",), Layout.COLUMNS),
    (("ONE", "ROW"), Layout.PLAIN),
    (("ALL", "ROWS"), Layout.PLAIN),
    (("AFTER", "MATCH"), Layout.PLAIN),
    (("PATTERN",), Layout.PLAIN),
    (("WITHIN",), Layout.PLAIN),
    (("SUBSET",), Layout.TABLES),
    (("DEFINE",), Layout.COLUMNS),
)
_SET_OPERATIONS = ("UNION", "INTERSECT", "EXCEPT", "MINUS")
_SIDES = ("NATURAL", "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "OUTER", "SEMI", "ANTI")
_NO_NUMBER = ("LIMIT", "OFFSET", "FETCH")
_QUERY_WORDS = ("SELECT", "WITH", "FROM", "VALUES")
_SPECIFICATION_WORDS = ("PARTITION", "ORDER", "DISTRIBUTE", "CLUSTER", "SORT", "ROWS", "RANGE", "WHERE")


def begins_query(elements: Sequence[Element]) -> bool:
    """Whether this is a query: it begins with SELECT, WITH …, or with one in brackets that UNION follows."""
    if not elements:
        return False
    first = elements[0]
    if isinstance(first, Block):
        return len(elements) > 1 and is_word(elements[1], *_SET_OPERATIONS) and begins_query(first.content)
    return is_word(first, *_QUERY_WORDS) and len(elements) > 1


def begins_specification(elements: Sequence[Element]) -> bool:
    """Whether this is what stands in OVER (…), FILTER (…), WITHIN GROUP (…) or MATCH_RECOGNIZE (…)."""
    return len(elements) > 1 and is_word(elements[0], *_SPECIFICATION_WORDS) and _head(elements, 0, True) is not None


def clauses(elements: Sequence[Element], *, specification: bool = False) -> list[Clause]:
    """The clauses; what stands before the first one is one, too."""
    found: list[Clause] = []
    head: list[Element] = []
    body: list[Element] = []
    layout = Layout.PLAIN
    index = 0
    while index < len(elements):
        begins = _head(elements, index, specification)
        if begins is None:
            body.append(elements[index])
            index += 1
            continue
        if head or body:
            found.append(Clause(layout, head, body))
        length, layout = begins
        head, body = list(elements[index : index + length]), []
        index += length
    found.append(Clause(layout, head, body))
    return found


def _head(elements: Sequence[Element], index: int, specification: bool) -> tuple[int, Layout] | None:
    element = elements[index]
    if not isinstance(element, Token) or element.kind is not Kind.WORD or not element.word:
        return None
    if element.word in _SIDES or element.word == "JOIN":
        length = _join(elements, index)
        if length:
            return length, Layout.JOIN
    if element.word == "WITH" and _begins_ctes(elements, index):
        length = 2 if is_word(_at(elements, index + 1), "RECURSIVE") else 1
        return length, Layout.WITH
    for words, layout in (*_HEADS, *_IN_BRACKETS) if specification else _HEADS:
        if all(is_word(_at(elements, index + offset), word) for offset, word in enumerate(words)):
            if not _is_clause(elements, index):
                return None
            length = len(words)
            if words[0] in _SET_OPERATIONS and is_word(_at(elements, index + 1), "ALL", "DISTINCT"):
                length = 2
            while layout is Layout.COLUMNS and _is_hint(_at(elements, index + length)):
                length += 1
            return length, layout
    return None


def _at(elements: Sequence[Element], index: int) -> Element | None:
    return elements[index] if 0 <= index < len(elements) else None


def _is_hint(element: Element | None) -> bool:
    return isinstance(element, Token) and element.kind is Kind.HINT


def _is_clause(elements: Sequence[Element], index: int) -> bool:
    """Whether the word at `index` is used as a clause's, not otherwise: `IS DISTINCT FROM`, `SELECT * EXCEPT (a)`."""
    previous, following = _at(elements, index - 1), _at(elements, index + 1)
    if is_word(elements[index], "FROM"):
        return not (is_word(previous, "DISTINCT") and is_word(_at(elements, index - 2), "IS", "NOT"))
    if is_word(elements[index], *_NO_NUMBER):
        return following is not None and not is_word(following, ",", "=") and not is_word(previous, ",", "SELECT")
    if is_word(elements[index], "EXCEPT"):
        return not (isinstance(previous, Token) and previous.text == "*")
    if is_word(elements[index], "VALUES"):
        return isinstance(following, Block)
    return True


def _begins_ctes(elements: Sequence[Element], index: int) -> bool:
    previous, following = _at(elements, index - 1), _at(elements, index + 1)
    named = isinstance(following, Token) and following.kind in (Kind.WORD, Kind.QUOTED)
    return named and not is_word(following, "ROLLUP", "CUBE", "SERDEPROPERTIES") and not is_word(previous, "MATCH")


def _join(elements: Sequence[Element], index: int) -> int:
    """How many words `LEFT OUTER JOIN` has; 0 where it is no join."""
    end = index
    while is_word(_at(elements, end), *_SIDES):
        end += 1
    if index > 0 and is_word(_at(elements, end), "JOIN"):
        return end + 1 - index
    return 0
