"""Expressions, lists and what stands between brackets."""

from __future__ import annotations

from collections.abc import Sequence

from featuremill_codegen.formatter import queries
from featuremill_codegen.formatter.blocks import Block, Element, first_token, is_word, last_token, split
from featuremill_codegen.formatter.comments import Token
from featuremill_codegen.formatter.document import (
    EMPTY,
    HARD_LINE,
    LINE,
    SOFT_LINE,
    SPACE,
    Document,
    concat,
    group,
    indent,
    join,
)
from featuremill_codegen.formatter.lexemes import Kind
from featuremill_codegen.formatter.notes import notes_before, take_last_notes, take_notes, token_document
from featuremill_codegen.formatter.spacing import gap

_LOOSEST_FIRST = (("OR",), ("AND",), ("||", "+", "-"), ("*", "/", "%"))


def expression(elements: Sequence[Element], *, indented: bool = True, whole: bool = False) -> Document:
    """An expression; where it is too long, it breaks before the operators that bind loosest.

    `indented`: the lines behind the first stand further to the right; `whole`: the first one, too. `WHERE`'s does.
    """
    for operators in _LOOSEST_FIRST:
        operands = _operands(elements, operators)
        if len(operands) > 1:
            break
    else:
        return sequence(elements)
    notes = take_notes(elements)
    first = expression(operands[0])
    rest: list[Document] = []
    for operand in operands[1:]:
        operator, value = operand[0], operand[1:]
        assert isinstance(operator, Token)
        notes_of_operator = notes_before(operator.before)
        operator.before = []
        rest += [LINE, *notes_of_operator, token_document(operator), SPACE, expression(value)]
    if whole:
        return concat([notes, group(indent(concat([first, *rest])))])
    return concat([notes, group(concat([first, indent(concat(rest)) if indented else concat(rest)]))])


def _operands(elements: Sequence[Element], operators: Sequence[str]) -> list[list[Element]]:
    """The operands; all but the first begin with their operator."""
    operands: list[list[Element]] = [[]]
    betweens = 0
    for element in elements:
        if is_word(element, "BETWEEN"):
            betweens += 1
        elif is_word(element, "AND") and betweens:
            betweens -= 1
        elif is_word(element, *operators) and isinstance(element, Token) and not element.unary and operands[-1]:
            operands.append([])
        operands[-1].append(element)
    return operands


def sequence(elements: Sequence[Element], *, spaced: bool = False) -> Document:
    """Elements one behind another. Only what stands between brackets may break.

    `spaced`: a bracket behind a name holds its columns (`INSERT INTO t (a)`), not a function's arguments.
    """
    parts: list[Document] = []
    previous: Element | None = None
    for element in elements:
        if previous is not None and (
            gap(previous, element) or first_token(element).before or (spaced and isinstance(element, Block))
        ):
            parts.append(_separator(previous, element))
        parts.append(element_document(element, previous))
        previous = element
    return concat(parts)


def _separator(previous: Element, element: Element) -> Document:
    """Parts of one string stand on lines of their own: the standard says so, and Flink insists."""
    strings = isinstance(element, Token) and element.kind is Kind.STRING and last_token(previous).kind is Kind.STRING
    return HARD_LINE if strings else SPACE


def element_document(element: Element, previous: Element | None = None) -> Document:
    """A token or block. `previous` is what stands before it: MATCH_RECOGNIZE's block has clauses."""
    if isinstance(element, Token):
        return token_document(element)
    if element.is_case:
        return _case(element)
    return bracket(element, forced=is_word(previous, "MATCH_RECOGNIZE"))


def bracket(block: Block, *, forced: bool = False) -> Document:
    """Brackets and what stands between them, on lines of its own where it doesn't fit (or `forced`)."""
    notes = take_notes([block])
    return concat([notes, around(block, _content(block, forced), forced=forced)])


def around(block: Block, content: Document, *, forced: bool = False) -> Document:
    """A block's brackets around `content`."""
    assert block.close is not None
    last_notes = take_last_notes(block.close)
    opening, closing = token_document(block.open), token_document(block.close)
    if content is EMPTY and not last_notes:
        return concat([opening, closing])
    line = HARD_LINE if forced else SOFT_LINE
    return group(concat([opening, indent(concat([line, content, *last_notes])), line, closing]))


def _content(block: Block, forced: bool) -> Document:
    elements = block.content
    if not elements:
        return EMPTY
    if block.open.text != "<" and queries.has_clauses(elements):
        return queries.query(elements, HARD_LINE if forced else LINE)
    if len(parts := split(elements, ",")) > 1:
        return items(parts, HARD_LINE if forced else LINE)
    return expression(elements, indented=False)


def items(parts: Sequence[tuple[Sequence[Element], Token | None]], line: Document = LINE) -> Document:
    """The items of a list, each on a line of its own where the list doesn't fit on one."""
    made: list[Document] = []
    for elements, comma in parts:
        item = concat([take_notes(elements), expression(elements)])
        made.append(concat([item, token_document(comma)]) if comma is not None else item)
    return join(line, made)


def _case(block: Block) -> Document:
    """CASE … END, a line for each WHEN where it doesn't fit on one."""
    assert block.close is not None
    notes = take_notes([block])
    last_notes = take_last_notes(block.close)
    branches: list[list[Element]] = [[]]
    for element in block.content:
        if is_word(element, "WHEN", "ELSE"):
            branches.append([])
        branches[-1].append(element)
    head = [token_document(block.open)]
    if branches[0]:
        head += [SPACE, expression(branches[0])]
    lines = [concat([LINE, take_notes(branch), _branch(branch)]) for branch in branches[1:]]
    body = concat([*head, indent(concat([*lines, *last_notes])), LINE, token_document(block.close)])
    return concat([notes, group(body)])


def _branch(elements: Sequence[Element]) -> Document:
    """`WHEN … THEN …`; THEN stands on a line of its own where they don't fit on one."""
    head = element_document(elements[0])
    then = next((index for index, element in enumerate(elements) if is_word(element, "THEN")), len(elements))
    parts = [head, SPACE, expression(elements[1:then])]
    if then < len(elements):
        value = [take_notes(elements[then:]), element_document(elements[then]), SPACE, expression(elements[then + 1 :])]
        parts.append(indent(concat([LINE, *value])))
    return group(concat(parts))
