"""A file's text laid out anew: statement by statement, without a look at what they mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from featuremill_codegen.formatter.blocks import blocks
from featuremill_codegen.formatter.comments import Comment, Token, attach
from featuremill_codegen.formatter.definitions import definition, is_definition
from featuremill_codegen.formatter.document import HARD_LINE, Document, concat, render
from featuremill_codegen.formatter.keywords import mark_unary, raise_case
from featuremill_codegen.formatter.lexemes import Kind, Lexis, lexemes
from featuremill_codegen.formatter.notes import take_notes, token_document
from featuremill_codegen.formatter.patterns import with_patterns_kept
from featuremill_codegen.formatter.queries import query

Names = Callable[[int], Collection[str] | None]
"""Of the statement whose first token begins there: the words that are names; None: it stays as it is."""


def lay_out(source: str, lexis: Lexis, names: Names = lambda start: ()) -> str:
    """The text in the one style.

    Raises LexicalError or StructureError where it can't be read; a text that parses can.

    >>> from featuremill_codegen.formatter.lexemes import FLINK_LEXIS
    >>> print(lay_out("select a,b -- why" + chr(10) + "from t", FLINK_LEXIS), end="")
    SELECT a, b  -- why
    FROM t
    """
    tokens, rest = attach(lexemes(source, lexis))
    out: list[str] = []
    for statement in _statements(tokens):
        blank = out and (statement[0].before[0].blank_before if statement[0].before else statement[0].blank_before)
        if blank:
            out.append("")
        out.extend(_leading(statement[0]))
        out.append(render(_statement(source, statement, names)))
    out.extend(_comment_lines(rest, first=not out))
    return "".join(f"{line}\n" for line in out)


def _statements(tokens: Sequence[Token]) -> list[list[Token]]:
    """The statements, each with its semicolon."""
    statements: list[list[Token]] = [[]]
    for token in tokens:
        statements[-1].append(token)
        if token.kind is Kind.SYMBOL and token.text == ";":
            statements.append([])
    return [statement for statement in statements if statement]


def _leading(token: Token) -> list[str]:
    """The comments on lines of their own above a statement, with the empty lines among them."""
    count = next((index for index, each in enumerate(token.before) if not each.ends_line), len(token.before))
    above, token.before = token.before[:count], token.before[count:]
    lines = _comment_lines(above, first=True)
    return [*lines, ""] if above and token.blank_before and not token.before else lines


def _comment_lines(comments: Sequence[Comment], *, first: bool) -> list[str]:
    lines: list[str] = []
    for index, comment in enumerate(comments):
        if comment.blank_before and not (first and index == 0):
            lines.append("")
        lines.append(comment.text)
    return lines


def _statement(source: str, tokens: list[Token], names: Names) -> Document:
    semicolon = tokens.pop() if tokens[-1].kind is Kind.SYMBOL and tokens[-1].text == ";" else None
    parts: list[Document] = []
    if tokens:
        known = names(tokens[0].start)
        parts.append(_verbatim(source, tokens) if known is None else _laid_out(source, tokens, known))
    if semicolon is not None:
        parts.append(token_document(semicolon))
    return concat(parts)


def _verbatim(source: str, tokens: Sequence[Token]) -> Document:
    """The statement as it is, the comments within it, too."""
    first, last = tokens[0], tokens[-1]
    whole = Token(Kind.QUOTED, source[first.start : last.end], first.start, last.end, False)
    whole.before, whole.after = first.before, last.after
    return token_document(whole)


def _laid_out(source: str, tokens: Sequence[Token], names: Collection[str]) -> Document:
    kept, variables = with_patterns_kept(source, tokens)
    raise_case(kept, {*names, *variables})
    mark_unary(kept)
    elements = blocks(kept)
    notes = take_notes(elements)
    document = definition(elements) if is_definition(elements) else query(elements, HARD_LINE)
    return concat([notes, document])
