from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.types import SqlType

LONGEST_VALUE = 64
"""In bytes: `hash-max-listpack-value` of Redis and Valkey, unless a server sets another."""
_COLLECTING = frozenset({"LISTAGG", "ARRAY_AGG", "COLLECT", "JSON_ARRAYAGG", "JSON_OBJECTAGG"})
_COLLECTING_NODES: dict[type[exp.Expr], str] = {
    exp.ArrayAgg: "COLLECT_LIST",
    exp.ArrayUniqueAgg: "COLLECT_SET",
    exp.GroupConcat: "LISTAGG",
}
"""Functions of HiveQL by sqlglot's classes."""


class LongValue(Rule):
    """A feature whose text can be longer than a compact hash of Redis holds.

    Redis keeps a hash as a listpack while no value is longer than 64 bytes; one longer value turns the whole hash,
    with the features of all its pipelines, into a table. Arrays, maps and rows travel as JSON, and LISTAGG and the
    like grow with every row.
    """

    code = "FM302"
    why = "one value of more than 64 bytes makes its entity's whole hash several times larger, for good"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        types = {feature.name: feature.type for feature in subject.pipeline.features}
        for column in subject.pipeline.columns:
            kind, node = types.get(column.column.name), column.node
            if kind is None:
                continue
            calls = node.find_all(exp.Anonymous, *_COLLECTING_NODES) if node is not None else ()
            collecting = next(filter(None, map(_collecting_name, calls)), None)
            grows = collecting is not None and (kind.is_text or kind.parts)
            if not grows and not _is_long(kind):
                continue
            what = f"{collecting} grows with every row" if grows else f"{kind} is written as JSON"
            message = f"{what}: the text of `{column.column.name}` can be longer than {LONGEST_VALUE} bytes."
            help = "one feature for each part that a model reads, or an entity of its own for the long ones"
            yield finding_at(subject.pipeline.query, self.code, message, node, help=help)


def _collecting_name(call: exp.Expr) -> str | None:
    name = call.name.upper() if isinstance(call, exp.Anonymous) else _COLLECTING_NODES[type(call)]
    return name if name in _COLLECTING or not isinstance(call, exp.Anonymous) else None


def _is_long(kind: SqlType) -> bool:
    """Whether the text of most values is long: containers; a row of at most two numbers is not."""
    if kind.root == "ROW":
        return len(kind.parts) > 2 or any(not part.is_integer for part in kind.parts)
    return kind.root in ("ARRAY", "MAP")
