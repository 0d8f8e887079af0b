"""Which expressions are above 0 wherever they aren't NULL: a count of a group's rows, and sums of such counts."""

from __future__ import annotations

from sqlglot import exp

from featuremill_codegen.lint.subject import Subject


def is_positive(node: exp.Expr, subject: Subject) -> bool:
    """Whether that is certain. A column of a view or a subquery is what stands there for it."""
    if isinstance(node, exp.Literal):
        return node.is_number and float(node.name) > 0
    if isinstance(node, exp.Count):
        select = node.find_ancestor(exp.Select)
        group = select.args.get("group") if select is not None else None
        return isinstance(node.this, exp.Star | exp.Literal) and group is not None and bool(group.expressions)
    if isinstance(node, exp.Window):
        return _has_own_row(node) and is_positive(node.this, subject)
    if isinstance(node, exp.Sum | exp.Paren):
        return is_positive(node.this, subject)
    if isinstance(node, exp.Column):
        meant = _meant(node, subject)
        return meant is not None and is_positive(meant, subject)
    return False


def _has_own_row(window: exp.Window) -> bool:
    """Whether the frame has the row itself in it."""
    select = window.find_ancestor(exp.Select)
    if window.alias and select is not None:
        named = {each.name.lower(): each for each in select.args.get("windows") or ()}
        if window.alias.lower() not in named:
            return False
        window = named[window.alias.lower()]
    frame = window.args.get("spec")
    return frame is None or (frame.args.get("start_side") != "FOLLOWING" and frame.args.get("end_side") != "PRECEDING")


def _meant(column: exp.Column, subject: Subject) -> exp.Expr | None:
    """The expression of a view or a subquery that gives the column; None where it isn't clear which, or a table."""
    select = column.find_ancestor(exp.Select)
    if select is None or select.args.get("laterals") or column.root().find(exp.With):
        return None
    joined = [each.this for each in (select.args.get("from_"), *(select.args.get("joins") or ())) if each is not None]
    wanted = subject.normal(column.table)
    sources = [each for each in joined if not wanted or subject.normal(each.alias_or_name) == wanted]
    inner = _select_of(sources[0], subject) if len(sources) == 1 else None
    if inner is None:
        return None
    name = subject.normal(column.name)
    found = [each for each in inner.expressions if subject.normal(each.alias_or_name) == name]
    return found[0].unalias() if len(found) == 1 else None


def _select_of(source: exp.Expr, subject: Subject) -> exp.Select | None:
    """The SELECT that a source in FROM is, if it is one."""
    if source.args.get("pivots"):
        return None
    inner = source.this if isinstance(source, exp.Subquery) else None
    if isinstance(source, exp.Table) and not source.db:
        trees = {subject.normal(view.name): view.statement.tree for view in subject.pipeline.views}
        tree = trees.get(subject.normal(source.name))
        # with a list of columns behind the view's name they are called otherwise than in the SELECT
        inner = tree.expression if tree is not None and isinstance(tree.this, exp.Table) else None
    return inner if isinstance(inner, exp.Select) else None
