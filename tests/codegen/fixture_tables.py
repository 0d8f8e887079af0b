"""The tables, views and functions of fixtures/types_on_flink, which several tests ask queries of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from featuremill_codegen.relations import Relation
from featuremill_codegen.resolve import Environment, Resolver
from featuremill_codegen.source import SourceFile
from featuremill_codegen.statements import cut, parse
from featuremill_codegen.tables import SourceTable, read_table
from featuremill_codegen.udfs import find_functions
from sqlglot import exp


@dataclass(frozen=True)
class FixtureTables:
    """What a query of a test can name."""

    environment: Environment
    tables: tuple[SourceTable, ...]


def read_tables(folder: Path) -> FixtureTables:
    """The tables.sql and functions.py of a folder."""
    udfs = find_functions(SourceFile("functions.py", (folder / "functions.py").read_text(encoding="utf-8")))
    relations: dict[str, Relation] = {}
    tables: list[SourceTable] = []
    environment = Environment(
        relations,
        {udf.name: udf.result_type for udf in udfs if udf.kind == "scalar"},
        {udf.name: udf.result_types for udf in udfs if udf.kind == "table"},
    )
    source = SourceFile("tables.sql", (folder / "tables.sql").read_text(encoding="utf-8"))
    for chunk in cut(source):
        statement = parse(source, chunk)
        tree = statement.tree
        if tree.args["kind"] == "TABLE":
            table = read_table(statement, [])
            assert table is not None
            tables.append(table)
            relations[table.name] = table.relation()
            continue
        schema = tree.this if isinstance(tree.this, exp.Schema) else None
        names = [each.name for each in schema.expressions] if schema is not None else []
        name = schema.this.name if schema is not None else tree.this.name
        relations[name] = Resolver(environment).relation_of(tree.expression, names)
    return FixtureTables(environment, tuple(tables))
