"""Joins that keep state, and what says how long, as several rules need them."""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen.dialect.windows import TableArgument
from featuremill_codegen.lint.streaming.windows import names_window
from featuremill_codegen.lint.subject import Subject


def state_expires(subject: Subject) -> bool:
    """Whether feature.yaml sets a time to live for all state."""
    return not subject.pipeline.config.flink.get("table.exec.state.ttl", "0").strip().startswith("0")


def is_regular(join: exp.Join) -> bool:
    """Whether both sides' rows are kept: not for a lookup or temporal join, an unnested column, a window's or a time's
    bounds.
    """
    source = join.this
    if not isinstance(source, exp.Table | exp.Subquery) or (source.args.get("version") is not None):
        return False
    if isinstance(source, exp.Table) and not isinstance(source.this, exp.Identifier):
        return source.find(TableArgument) is not None and not names_window(join.args.get("on"))
    on = join.args.get("on")
    if on is None:
        return not join.args.get("using") or not any(each.name == "window_end" for each in join.args["using"])
    return not names_window(on) and on.find(exp.Interval) is None


def hints(select: exp.Select) -> str:
    """The hints of a SELECT as text in upper case."""
    hint = select.args.get("hint")
    return hint.sql(dialect="flink").upper() if hint is not None else ""
