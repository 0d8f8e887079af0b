"""Queries: a line or more for each clause."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.formatter import expressions
from featuremill_codegen.formatter.blocks import Block, Element, is_word, last_token, split
from featuremill_codegen.formatter.clauses import Clause, Layout, begins_query, begins_specification, clauses
from featuremill_codegen.formatter.document import HARD_LINE, LINE, SPACE, Document, concat, group, indent, join
from featuremill_codegen.formatter.notes import take_notes, token_document


def has_clauses(elements: Sequence[Element]) -> bool:
    """Whether what stands between brackets has clauses."""
    return begins_query(elements) or begins_specification(elements)


def query(elements: Sequence[Element], line: Document) -> Document:
    """A query, or what stands in OVER (…) and the like; `line` stands between two clauses."""
    found = clauses(elements, specification=begins_specification(elements))
    return join(line, [_clause(clause) for clause in found])


def _clause(clause: Clause) -> Document:
    notes = take_notes([*clause.head, *clause.body])
    return concat([notes, _LAYOUTS[clause.layout](clause)])


def _plain(clause: Clause) -> Document:
    elements = [*clause.head, *clause.body]
    if is_word(elements[0], "INSERT"):
        return expressions.sequence(elements, spaced=True)
    if len(elements) == 1 and isinstance(elements[0], Block):
        return _table(elements)
    return expressions.expression(elements)


def _head(clause: Clause) -> Document:
    return expressions.sequence(clause.head)


def _columns(clause: Clause) -> Document:
    if not clause.body:
        return _head(clause)
    return group(concat([_head(clause), indent(concat([LINE, expressions.items(split(clause.body, ","))]))]))


def _tables(clause: Clause) -> Document:
    parts = split(clause.body, ",")
    if len(parts) > 1:
        made = [concat([_table(part), token_document(comma)]) if comma else _table(part) for part, comma in parts]
        return group(concat([_head(clause), indent(concat([LINE, join(LINE, made)]))]))
    return _behind(clause, _table(clause.body))


def _behind(clause: Clause, document: Document) -> Document:
    """What stands behind the first words on their line; on the next one, if a comment ends it."""
    if last_token(clause.head[-1]).ends_line:
        return concat([_head(clause), indent(concat([HARD_LINE, document]))])
    return concat([_head(clause), SPACE, document])


def _table(elements: Sequence[Element]) -> Document:
    """A table, or a query in brackets, which stands on lines of its own."""
    parts: list[Document] = [take_notes(elements)]
    rest = list(elements)
    while rest and is_word(rest[0], "LATERAL"):
        parts += [expressions.element_document(rest.pop(0)), SPACE]
    if rest and isinstance(rest[0], Block) and _is_select(rest[0]):
        block = rest.pop(0)
        assert isinstance(block, Block)
        parts += [expressions.bracket(block, forced=True), *([SPACE] if rest else [])]
    return concat([*parts, expressions.expression(rest)])


def _is_select(block: Block) -> bool:
    return begins_query(block.content) and not is_word(block.content[0], "VALUES")


def _rows(clause: Clause) -> Document:
    parts = split(clause.body, ",")
    if len(parts) > 1:
        return _columns(clause)
    return _behind(clause, expressions.expression(clause.body))


def _set_operation(clause: Clause) -> Document:
    if not clause.body:
        return _head(clause)
    return concat([_head(clause), HARD_LINE, _table(clause.body)])


def _condition(clause: Clause) -> Document:
    return _behind(clause, expressions.expression(clause.body, whole=not last_token(clause.head[-1]).ends_line))


def _join(clause: Clause) -> Document:
    on = next((index for index, element in enumerate(clause.body) if is_word(element, "ON", "USING")), None)
    if on is None:
        return _behind(clause, _table(clause.body))
    table, condition = clause.body[:on], clause.body[on:]
    notes = take_notes(condition)
    head = expressions.element_document(condition[0])
    rest = expressions.expression(condition[1:], indented=False)
    return concat([_behind(clause, _table(table)), group(indent(concat([LINE, notes, head, SPACE, rest])))])


def _with(clause: Clause) -> Document:
    made: list[Document] = []
    for part, comma in split(clause.body, ","):
        document = concat([take_notes(part), _named_query(part)])
        made.append(concat([document, token_document(comma)]) if comma else document)
    return _behind(clause, join(HARD_LINE, made))


def _named_query(elements: Sequence[Element]) -> Document:
    """`name AS (…)`."""
    if elements and isinstance(elements[-1], Block):
        return concat([expressions.sequence(elements[:-1]), SPACE, expressions.bracket(elements[-1], forced=True)])
    return expressions.sequence(elements)


_LAYOUTS = {
    Layout.WITH: _with,
    Layout.COLUMNS: _columns,
    Layout.TABLES: _tables,
    Layout.CONDITION: _condition,
    Layout.JOIN: _join,
    Layout.ROWS: _rows,
    Layout.SET_OPERATION: _set_operation,
    Layout.PLAIN: _plain,
}
