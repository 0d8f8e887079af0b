"""Where an operator of a plan comes from in the person's SQL, as far as that can be told."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.plan.planned import Operator, Planned
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.statements import Statement

Place = tuple[Statement, exp.Expr | None]


def finding_of(planned: Planned, operator: Operator, code: str, message: str, help: str) -> Finding:
    """A finding where the operator comes from: at its clause, or at the query's first word where that isn't certain."""
    statement, node = place_of(planned, operator)
    return finding_at(statement, code, message, _own(node), help=help)


def place_of(planned: Planned, operator: Operator) -> Place:
    """The clause that the operator was made from; (query, None) where there are several that it could be."""
    found = list(_candidates(Subject(planned.pipeline), operator.kind))
    if len(found) > 1:
        names = {key.lower().rstrip("0123456789") for key in operator.keys}
        found = [each for each in found if names & _names(each[1])] if names else found
    return found[0] if len(found) == 1 else (planned.pipeline.query, None)


def _candidates(subject: Subject, kind: str) -> Iterator[tuple[Statement, exp.Expr]]:
    if kind == "GroupAggregate" or kind.startswith(("Global", "Incremental")):
        yield from subject.find(exp.Group)
        for statement, select in subject.find(exp.Select):
            if select.args.get("distinct") is not None:
                yield statement, select.expressions[0]
    elif kind in ("Join", "MultiJoin"):
        for statement, join in subject.find(exp.Join):
            yield statement, join
    elif kind in ("Rank", "Deduplicate", "OverAggregate"):
        for statement, over in subject.find(exp.Window):
            yield statement, over


def _names(node: exp.Expr) -> set[str]:
    return {each.name.lower() for each in node.find_all(exp.Column)}


def _own(node: exp.Expr | None) -> exp.Expr | tuple[int, int] | None:
    """What to underline: of a join what is joined, of a window its function."""
    if isinstance(node, exp.Join | exp.Window):
        node = node.this
    if node is not None and node.meta.get("start") is not None:
        return node.meta["start"], node.meta["end"] + 1
    if node is not None and any(each.meta.get("start") is not None for each in node.walk()):
        return node
    return None
