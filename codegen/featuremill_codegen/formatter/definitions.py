"""CREATE statements: a column a line, an option a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featuremill_codegen.formatter import expressions
from featuremill_codegen.formatter.blocks import Block, Element, is_word, last_token
from featuremill_codegen.formatter.clauses import begins_query
from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.document import HARD_LINE, LINE, SPACE, Document, concat, group, indent, join
from featuremill_codegen.formatter.notes import take_notes
from featuremill_codegen.formatter.queries import query

_KINDS = ("TABLE", "VIEW", "FUNCTION", "CATALOG", "DATABASE", "MODEL")
_CLAUSES = (
    "COMMENT",
    "PARTITIONED",
    "CLUSTERED",
    "DISTRIBUTED",
    "SKEWED",
    "ROW",
    "STORED",
    "LOCATION",
    "TBLPROPERTIES",
    "WITH",
    "LIKE",
    "USING",
    "LANGUAGE",
    "OPTIONS",
    "FRESHNESS",
    "REFRESH_MODE",
)
_OPTIONS = ("WITH", "TBLPROPERTIES", "OPTIONS", "SERDEPROPERTIES")
_LIKE_OPTIONS = ("INCLUDING", "EXCLUDING", "OVERWRITING")


@dataclass(frozen=True, slots=True)
class _Definition:
    kind: str
    head: list[Element]
    columns: Block | None
    clauses: list[list[Element]]
    to: Token | None
    """The AS before the query."""
    query: list[Element]


def is_definition(elements: Sequence[Element]) -> bool:
    """Whether this is a CREATE statement."""
    return is_word(elements[0], "CREATE")


def definition(elements: Sequence[Element]) -> Document:
    """A CREATE statement."""
    found = _read(elements)
    if found.kind == "FUNCTION":
        return _function(found)
    lines = [_head(found)]
    sole = len(found.clauses) == 1 and is_word(found.clauses[0][0], "WITH") and not found.query
    for clause in found.clauses:
        beside = sole and not last_token(clause[0]).before and not _ends_line(found)
        lines += [SPACE if beside else HARD_LINE, take_notes(clause), _clause(clause)]
    if found.to is not None:
        lines += [HARD_LINE if found.clauses else SPACE, expressions.element_document(found.to), HARD_LINE]
        lines.append(query(found.query, HARD_LINE))
    return concat(lines)


def _ends_line(found: _Definition) -> bool:
    last: Element = found.columns if found.columns is not None else found.head[-1]
    return last_token(last).ends_line


def _read(elements: Sequence[Element]) -> _Definition:
    kind = next((each.word for each in elements if isinstance(each, Token) and each.word in _KINDS), "")
    head: list[Element] = []
    columns: Block | None = None
    clauses: list[list[Element]] = []
    for index, element in enumerate(elements):
        if is_word(element, "AS") and _is_query(elements[index + 1 :]):
            assert isinstance(element, Token)
            return _Definition(kind, head, columns, clauses, element, list(elements[index + 1 :]))
        if _begins_clause(elements, index) or (columns is not None and not clauses):
            clauses.append([element])
        elif clauses:
            clauses[-1].append(element)
        elif isinstance(element, Block) and columns is None and kind in ("TABLE", "VIEW") and index > 1:
            columns = element
        else:
            head.append(element)
    return _Definition(kind, head, columns, clauses, None, [])


def _is_query(elements: Sequence[Element]) -> bool:
    if len(elements) == 1 and isinstance(elements[0], Block):
        return begins_query(elements[0].content)
    return begins_query(elements)


def _begins_clause(elements: Sequence[Element], index: int) -> bool:
    """Whether a clause begins at `index`: at its word, where that isn't a table's name or part of the clause before."""
    element = elements[index]
    previous = elements[index - 1] if index else None
    following = elements[index + 1] if index + 1 < len(elements) else None
    if not is_word(element, *_CLAUSES) or following is None or is_word(previous, *_KINDS, "EXISTS", ".", "BY", "AS"):
        return False
    if is_word(element, "WITH"):
        return isinstance(following, Block)
    if is_word(element, "ROW", "STORED"):
        return is_word(following, "FORMAT", "AS", "BY")
    return not is_word(following, ".", "AS", "(", ",")


def _head(found: _Definition) -> Document:
    head = expressions.sequence(found.head)
    if found.columns is None:
        return head
    return concat([head, SPACE, expressions.bracket(found.columns, forced=found.kind == "TABLE")])


def _clause(elements: Sequence[Element]) -> Document:
    if is_word(elements[0], "LIKE") and isinstance(elements[-1], Block):
        return concat([expressions.sequence(elements[:-1]), SPACE, _like_options(elements[-1])])
    for index, element in enumerate(elements[1:], start=1):
        if isinstance(element, Block) and is_word(elements[index - 1], *_OPTIONS):
            before, behind = expressions.sequence(elements[:index]), elements[index + 1 :]
            parts = [before, SPACE, expressions.bracket(element, forced=True)]
            return concat([*parts, SPACE, expressions.sequence(behind)] if behind else parts)
    return expressions.sequence(elements, spaced=True)


def _like_options(block: Block) -> Document:
    """`(INCLUDING … EXCLUDING …)`: no commas stand between them."""
    options: list[list[Element]] = []
    for element in block.content:
        if is_word(element, *_LIKE_OPTIONS) or not options:
            options.append([])
        options[-1].append(element)
    made = [concat([take_notes(option), expressions.sequence(option)]) for option in options]
    return expressions.around(block, join(LINE, made))


def _function(found: _Definition) -> Document:
    """On one line, if it fits: `CREATE FUNCTION f AS 'class' LANGUAGE JAVA`."""
    lines = [concat([LINE, take_notes(clause), expressions.sequence(clause)]) for clause in found.clauses]
    return group(concat([expressions.sequence(found.head), indent(concat(lines))]))
