"""Columns of CREATE TABLE: METADATA [FROM 'key'] [VIRTUAL], computed ones, PRIMARY KEY … NOT ENFORCED."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp, parser


class MetadataColumnConstraint(exp.Expression, exp.ColumnConstraintKind):
    """`METADATA [FROM 'key'] [VIRTUAL]` behind a column's type."""

    arg_types = {"this": False, "virtual": False}  # noqa: RUF012


def _metadata(self: Any) -> exp.Expr:
    key = self._parse_string() if self._match_text_seq("FROM") else None
    virtual = self._match_text_seq("VIRTUAL") or None
    result: exp.Expr = self.expression(MetadataColumnConstraint(this=key, virtual=virtual))
    return result


def metadata_sql(self: Any, node: MetadataColumnConstraint) -> str:
    source = f" FROM {self.sql(node, 'this')}" if node.this else ""
    return f"METADATA{source}{' VIRTUAL' if node.args.get('virtual') else ''}"


def computed_sql(self: Any, node: exp.ComputedColumnConstraint) -> str:
    return f"AS {self.sql(node, 'this')}"


class ColumnsParser:
    """Parser part: a key may say ENFORCED."""

    KEY_CONSTRAINT_OPTIONS: ClassVar[dict[str, Any]] = {"NOT": ("ENFORCED",), "ENFORCED": ()}


COLUMN_CONSTRAINT_PARSERS = {
    **{word: parser.Parser.CONSTRAINT_PARSERS[word] for word in ("COMMENT", "NOT", "NULL", "PRIMARY KEY", "UNIQUE")},
    "METADATA": _metadata,
}
COLUMN_TRANSFORMS = {
    MetadataColumnConstraint: metadata_sql,
    exp.ComputedColumnConstraint: computed_sql,
}
