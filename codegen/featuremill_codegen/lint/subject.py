"""One pipeline as the rules see it: parsed once, walked once; what several rules ask for is worked out when it is first
asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeVar

from sqlglot import exp

from featuremill_codegen.pipeline import Pipeline
from featuremill_codegen.statements import Statement
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.types import SqlType

N = TypeVar("N", bound=exp.Expr)
_Index = dict[type[exp.Expr], list[tuple[Statement, exp.Expr]]]


class Call(NamedTuple):
    """A call of a function that the dialect keeps as written. `name` is in upper case."""

    statement: Statement
    node: exp.Anonymous
    name: str


class Subject:
    """A loaded pipeline under the rules' eyes."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    @property
    def tables(self) -> tuple[SourceTable, ...]:
        """The source tables."""
        return self.pipeline.tables

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The views and the query, in order."""
        return self.pipeline.statements

    def normal(self, name: str) -> str:
        """A name in the form in which the pipeline's language compares names."""
        return name.lower() if self.pipeline.mode == "batch" else name

    def type_of(self, node: exp.Expr | None) -> SqlType | None:
        """The type of an expression in a view or the query; None where it isn't certain."""
        return self.pipeline.types.get(id(node)) if node is not None else None

    def find(self, *kinds: type[N]) -> Iterator[tuple[Statement, N]]:
        """The nodes of these classes (or classes below them) in the views and the query, with their statements."""
        return _found(self._queries, kinds)

    def find_everywhere(self, *kinds: type[N]) -> Iterator[tuple[Statement, N]]:
        """The same, with those in source.sql before."""
        yield from _found(self._sources, kinds)
        yield from _found(self._queries, kinds)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every call that the dialect keeps as written, those in source.sql first."""
        found = self.find_everywhere(exp.Anonymous)
        return tuple(Call(statement, node, node.name.upper()) for statement, node in found)

    @cached_property
    def _queries(self) -> _Index:
        return _index(self.statements)

    @cached_property
    def _sources(self) -> _Index:
        return _index(table.statement for table in self.tables)


def _index(statements: Iterable[Statement]) -> _Index:
    index: _Index = defaultdict(list)
    for statement in statements:
        for node in statement.tree.walk(bfs=False):
            index[type(node)].append((statement, node))
    return index


def _found(index: _Index, kinds: tuple[type[N], ...]) -> Iterator[tuple[Statement, N]]:
    for kind, nodes in index.items():
        if issubclass(kind, kinds):
            yield from nodes  # type: ignore[misc]
