"""What differs between the engines' SQL, as the resolver asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from sqlglot import exp

from featuremill_codegen.types import SqlType

TypeOf = Callable[[exp.Expr], SqlType | None]
"""The type of a part that was looked at already."""


class Rules(Protocol):
    """The rules of one engine."""

    boolean: SqlType
    constants: Mapping[str, SqlType]
    """Functions that are written without brackets, and so look like columns."""

    groups_by_alias: bool
    """Whether GROUP BY may use the names of the SELECT's own columns."""

    def normal(self, name: str) -> str:
        """A name in the form in which names are compared."""

    def is_aggregate(self, node: exp.Expr) -> bool:
        """Whether the node calls a function that puts the values of many rows together."""

    def type_of(self, node: exp.Expr, of: TypeOf, functions: Mapping[str, SqlType | None]) -> SqlType | None:
        """The type of a node that isn't a name or a query; None where it isn't certain.

        `functions` are the Python functions by name, with their declared result types.
        """

    def united(self, types: Sequence[SqlType | None]) -> SqlType | None:
        """The type of a column of UNION, VALUES or USING."""

    def output_name(self, index: int) -> str:
        """The name that a column of a subquery has without an alias."""
