"""MATCH_RECOGNIZE: patterns of rows. sqlglot knows most of it; SUBSET, WITHIN and some ways to skip are Flink's."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType


class RowPattern(exp.MatchRecognize):
    """MATCH_RECOGNIZE with the time within which a match must be, and names for unions of pattern variables."""

    arg_types = {**exp.MatchRecognize.arg_types, "within": False, "subsets": False}  # noqa: RUF012


class MatchingParser:
    """Parser part."""

    def _parse_match_recognize(self) -> exp.Expr | None:
        this: Any = self
        if not this._match(TokenType.MATCH_RECOGNIZE):
            return None
        this._match_l_paren()
        args: dict[str, Any] = {"partition_by": this._parse_partition_by(), "order": this._parse_order()}
        if this._match_text_seq("MEASURES"):
            args["measures"] = this._parse_csv(this._parse_expression)
        args["rows"] = self._words_until("AFTER", "PATTERN")
        args["after"] = self._words_until("PATTERN")
        this._advance()
        args["pattern"] = self._pattern()
        if this._match_text_seq("WITHIN"):
            args["within"] = this._parse_interval()
        if this._match_text_seq("SUBSET"):
            args["subsets"] = this._parse_csv(this._parse_disjunction)
        if this._match_text_seq("DEFINE"):
            args["define"] = this._parse_csv(this._parse_name_as_expression)
        this._match_r_paren()
        node: exp.Expr = this.expression(RowPattern(**args, alias=this._parse_table_alias()))
        return node

    def _words_until(self, *ends: str) -> exp.Var | None:
        this: Any = self
        words = []
        while this._curr and this._curr.text.upper() not in ends:
            words.append(this._find_sql(this._curr, this._curr))
            this._advance()
        return exp.var(" ".join(words)) if words else None

    def _pattern(self) -> exp.Var:
        """What stands in the brackets behind PATTERN, its tokens with spaces between."""
        this: Any = self
        this._match_l_paren()
        words, depth = [], 1
        while this._curr:
            depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(this._curr.token_type, 0)
            word = this._find_sql(this._curr, this._curr)
            this._advance()
            if depth == 0:
                break
            words.append(word)
        return exp.var(" ".join(words))


def _row_pattern(self: Any, node: RowPattern) -> str:
    def clause(word: str, key: str) -> str:
        return f"{word} {self.expressions(node, key=key, flat=True)}" if node.args.get(key) else ""

    definitions = (f"{self.sql(each, 'alias')} AS {self.sql(each, 'this')}" for each in node.args.get("define") or ())
    within = self.sql(node, "within")
    parts = [
        clause("PARTITION BY", "partition_by"),
        self.sql(node, "order").strip(),
        clause("MEASURES", "measures"),
        self.sql(node, "rows"),
        self.sql(node, "after"),
        f"PATTERN ({self.sql(node, 'pattern')})",
        f"WITHIN {within}" if within else "",
        clause("SUBSET", "subsets"),
        f"DEFINE {', '.join(definitions)}",
    ]
    alias = self.sql(node, "alias")
    return f" MATCH_RECOGNIZE ({' '.join(part for part in parts if part)})" + (f" {alias}" if alias else "")


MATCHING_TRANSFORMS = {RowPattern: _row_pattern}
