from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BATCH, Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.subject import Subject


class LimitedText(Rule):
    """A column of a source table that is a text of a limited length.

    In a table of text files Hive cuts a longer text when it is read, of `abcdef` VARCHAR(3) leaves `abc`, and says
    nothing; of Parquet files the whole text comes. With STRING nothing is ever cut. A text that shall not be
    longer can be asked for in the query, where it shows: `WHERE length(code) <= 3`.
    """

    code = "FM223"
    why = "two keys that begin alike become one, and features are computed from texts that nobody wrote"
    modes = BATCH

    def check(self, subject: Subject) -> Iterator[Finding]:
        for table in subject.tables:
            for column in table.statement.tree.find_all(exp.ColumnDef):
                kind = column.args.get("kind")
                if isinstance(kind, exp.DataType) and kind.this in (exp.DType.VARCHAR, exp.DType.CHAR):
                    if not kind.expressions:
                        continue
                    message = f"A text of `{column.name}` that is longer than {kind.expressions[0]} is cut in silence."
                    yield finding_at(table.statement, self.code, message, column.this, help=f"{column.name} STRING")
