"""Refuse a sqlglot whose classes are compiled: no dialect of one's own can inherit from them."""

from __future__ import annotations

import importlib.util


class CompiledSqlglotError(ImportError):
    """sqlglot's compiled core (`sqlglotc`) is installed beside it."""


def refuse_compiled_sqlglot() -> None:
    """Raise CompiledSqlglotError, with the mend, where sqlglot runs compiled."""
    if importlib.util.find_spec("sqlglotc") is not None:
        raise CompiledSqlglotError(
            "sqlglot is installed with its compiled core (package sqlglotc), which can't be extended by a dialect.\n"
            "help: pip uninstall sqlglotc    (and ask for plain `sqlglot`, not `sqlglot[c]` or `sqlglot[rs]`)"
        )
