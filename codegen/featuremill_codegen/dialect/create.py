"""CREATE and what it makes: tables, views, materialized tables, functions and models.

sqlglot's own CREATE knows the clauses of all dialects; here each stands where Flink has it. The tree is sqlglot's
`Create`: `this` the name (with its columns a `Schema`), `kind`, `expression` the query behind AS, and `properties` the
clauses between in their order.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class Distribution(exp.Property):
    """`DISTRIBUTED [BY [HASH | RANGE] (column, …)] [INTO n BUCKETS]`."""

    arg_types = {"expressions": False, "kind": False, "buckets": False}  # noqa: RUF012


class Like(exp.LikeProperty):
    """`LIKE table [(INCLUDING ALL EXCLUDING OPTIONS …)]`: the options are words, two each."""


class Language(exp.Property):
    """`LANGUAGE PYTHON` of a function."""

    arg_types = {"this": True}  # noqa: RUF012


class Resources(exp.Property):
    """`USING JAR 'path', ARTIFACT 'path'` of a function: Properties whose names are the kinds."""

    arg_types = {"expressions": True}  # noqa: RUF012


class ModelColumns(exp.Property):
    """`INPUT (column type, …)` and `OUTPUT (…)` of a model."""

    arg_types = {"this": True, "expressions": True}  # noqa: RUF012


class Setting(exp.Property):
    """`FRESHNESS = …`, `REFRESH_MODE = …` and `START_MODE = …` of a materialized table."""

    arg_types = {"this": True, "value": True}  # noqa: RUF012


class CreateParser:
    """Parser part. The statement has been held against the grammar, so each clause is looked for in its place."""

    def _parse_create(self) -> exp.Expr:
        this: Any = self
        replaces = this._prev.token_type is TokenType.REPLACE
        alter = this._match_text_seq("OR", "ALTER")
        replace = replaces or this._match_text_seq("OR", "REPLACE")
        properties: list[exp.Expr] = []
        if this._match(TokenType.TEMPORARY):
            properties.append(exp.TemporaryProperty())
        kind = "SYSTEM FUNCTION" if this._match_text_seq("SYSTEM") else this._curr.text.upper()
        this._advance()
        if kind == "MATERIALIZED":
            this._advance()
            kind = "MATERIALIZED TABLE"
        exists = this._parse_exists(not_=True)
        name = this._parse_table_parts(schema=True)
        if kind.endswith("FUNCTION"):
            this._match(TokenType.ALIAS)
            expression: exp.Expr | None = this._parse_string()
        else:
            name = this._parse_schema(this=name)
            expression = None
        while clause := self._parse_clause():
            properties.extend(clause)
        if expression is None and this._match(TokenType.ALIAS):
            expression = this._parse_ddl_select()
        node = exp.Create(
            this=name,
            kind=kind,
            replace=replace,
            exists=exists,
            refresh=alter,
            properties=exp.Properties(expressions=properties) if properties else None,
            expression=expression,
        )
        result: exp.Expr = this.expression(node)
        return result

    def _parse_field_def(self) -> exp.Expr | None:
        """A column of a schema; its name may be one of a nested field: `a.b`."""
        this: Any = self
        name: exp.Expr | None = this._parse_field(any_token=True)
        while this._match(TokenType.DOT):
            name = this.expression(exp.Dot(this=name, expression=this._parse_id_var()))
        column: exp.Expr | None = this._parse_column_def(name)
        return column

    def _parse_clause(self) -> list[exp.Expr]:
        """One clause; empty where none is next."""
        this: Any = self
        if this._match(TokenType.COMMENT):
            return [this.expression(exp.SchemaCommentProperty(this=this._parse_string()))]
        if this._match_text_seq("DISTRIBUTED"):
            return [self._parse_distribution()]
        if this._match(TokenType.PARTITION_BY):
            return [this.expression(exp.PartitionedByProperty(this=this._parse_schema()))]
        if this._match(TokenType.WITH):
            return list(this._parse_wrapped_csv(self._parse_option, optional=False))
        if this._match(TokenType.LIKE):
            table = this._parse_table_parts(schema=True)
            options = []
            if this._match(TokenType.L_PAREN):
                while not this._match(TokenType.R_PAREN):
                    options.append(exp.var(f"{this._curr.text} {this._next.text}".upper()))
                    this._advance(2)
            return [this.expression(Like(this=table, expressions=options))]
        if this._match_text_seq("LANGUAGE"):
            this._advance()
            return [this.expression(Language(this=exp.var(this._prev.text.upper())))]
        if this._match(TokenType.USING):
            return [this.expression(Resources(expressions=this._parse_csv(self._parse_resource)))]
        if this._match_texts(("INPUT", "OUTPUT")):
            side = exp.var(this._prev.text.upper())
            return [this.expression(ModelColumns(this=side, expressions=this._parse_schema().expressions))]
        if this._match_texts(("FRESHNESS", "REFRESH_MODE", "START_MODE")):
            name = exp.var(this._prev.text.upper())
            this._match(TokenType.EQ)
            value = this._parse_interval() if name.name == "FRESHNESS" else this._parse_function() or this._parse_var()
            if value is None:  # FULL is a word of joins
                this._advance()
                value = exp.var(this._prev.text)
            return [this.expression(Setting(this=name, value=value))]
        return []

    def _parse_option(self) -> exp.Expr | None:
        """`'key' = 'value'`."""
        this: Any = self
        key = this._parse_primary()
        if key is None:
            return None
        this._match(TokenType.EQ)
        result: exp.Expr = this.expression(exp.Property(this=key, value=this._parse_primary()))
        return result

    def _parse_resource(self) -> exp.Expr:
        this: Any = self
        kind = exp.var(this._curr.text.upper())
        this._advance()
        result: exp.Expr = this.expression(exp.Property(this=kind, value=this._parse_string()))
        return result

    def _parse_distribution(self) -> exp.Expr:
        this: Any = self
        columns = kind = buckets = None
        if this._match_text_seq("BY"):
            kind = exp.var(this._prev.text.upper()) if this._match_texts(("HASH", "RANGE")) else None
            columns = this._parse_wrapped_id_vars()
        if this._match_text_seq("INTO"):
            buckets = this._parse_number()
            this._match_text_seq("BUCKETS")
        result: exp.Expr = this.expression(Distribution(expressions=columns, kind=kind, buckets=buckets))
        return result


class CreateGenerator:
    """Generator part: the clauses in Flink's order, which is the tree's."""

    def create_sql(self, expression: exp.Create) -> str:
        this: Any = self
        args = expression.args
        clauses = args["properties"].expressions if args.get("properties") else []
        temporary = any(isinstance(clause, exp.TemporaryProperty) for clause in clauses)
        kind = args["kind"]
        words = ["CREATE"]
        if args.get("refresh"):
            words.append("OR ALTER")
        elif args.get("replace"):
            words.append("OR REPLACE")
        if temporary:
            words.append("TEMPORARY")
        words.append(kind)
        if args.get("exists"):
            words.append("IF NOT EXISTS")
        words.append(this.sql(expression, "this"))
        if kind.endswith("FUNCTION"):
            words.append(f"AS {this.sql(expression, 'expression')}")
        options = ", ".join(this.sql(clause) for clause in clauses if type(clause) is exp.Property)
        for clause in clauses:
            if type(clause) is exp.Property:
                if options:
                    words.append(f"WITH ({options})")
                options = ""
            elif not isinstance(clause, exp.TemporaryProperty):
                words.append(this.sql(clause))
        if not kind.endswith("FUNCTION") and args.get("expression") is not None:
            words.append(f"AS {this.sql(expression, 'expression')}")
        query = args.get("with_")
        return this.prepend_ctes(expression, " ".join(words)) if query is not None else " ".join(words)


def _property(self: Any, node: exp.Property) -> str:
    value = self.sql(node, "value")
    if isinstance(node.parent, Resources):
        return f"{self.sql(node, 'this')} {value}"
    return f"{self.sql(node, 'this')} = {value}"


def _distribution(self: Any, node: Distribution) -> str:
    words = ["DISTRIBUTED"]
    if node.expressions:
        kind = f"{self.sql(node, 'kind')}" if node.args.get("kind") is not None else ""
        words.append(f"BY {kind}({self.expressions(node, flat=True)})")
    if node.args.get("buckets") is not None:
        words.append(f"INTO {self.sql(node, 'buckets')} BUCKETS")
    return " ".join(words)


def _like(self: Any, node: Like) -> str:
    options = " ".join(self.sql(option) for option in node.expressions)
    return f"LIKE {self.sql(node, 'this')}" + (f" ({options})" if options else "")


CREATE_TRANSFORMS = {
    exp.Property: _property,
    exp.SchemaCommentProperty: lambda self, node: f"COMMENT {self.sql(node, 'this')}",
    exp.PartitionedByProperty: lambda self, node: f"PARTITIONED BY {self.sql(node, 'this')}",
    Distribution: _distribution,
    Like: _like,
    Language: lambda self, node: f"LANGUAGE {self.sql(node, 'this')}",
    Resources: lambda self, node: f"USING {self.expressions(node, flat=True)}",
    ModelColumns: lambda self, node: f"{self.sql(node, 'this')} ({self.expressions(node, flat=True)})",
    Setting: lambda self, node: f"{self.sql(node, 'this')} = {self.sql(node, 'value')}",
}
