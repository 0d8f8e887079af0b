from __future__ import annotations

import ast
from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import BOTH, Rule
from featuremill_codegen.lint.subject import Subject
from featuremill_codegen.source import SourceFile

_MODULES = frozenset({"random", "secrets", "uuid", "time", "requests", "urllib", "httpx", "socket"})
_CALLS = frozenset(
    {
        "now",
        "utcnow",
        "today",
        "time",
        "time_ns",
        "monotonic",
        "perf_counter",
        "uuid1",
        "uuid4",
        "urandom",
        "getenv",
        "urlopen",
    }
)
_PARTLY = frozenset({"time", "uuid", "urllib"})
_OWNERS = frozenset({"datetime", "date", "time", "uuid", "os", "random", "secrets"})


class NondeterministicUdf(Rule):
    """A Python function whose answer depends on more than its arguments.

    It reads the clock, draws a random number, asks another service, changes a global of its module, or says itself that
    it is not deterministic.
    """

    code = "FM212"
    why = "a replay gives other features for the same rows, and a retraction doesn't find the row that it takes back"
    modes = BOTH

    def check(self, subject: Subject) -> Iterator[Finding]:
        source = subject.pipeline.udf_source
        if source is None:
            return
        tree = ast.parse(source.text)
        modules = _imports(tree)
        names = {udf.name for udf in subject.pipeline.udfs}
        bodies = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
        for name in sorted(names):
            for node, what in _doubts(bodies, name, modules, set()):
                start = _offset(source, node.lineno, node.col_offset)
                end = _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)
                message = f"`{name}` {what}: it gives another answer for the same arguments."
                yield source.finding(self.code, message, start, end, help="pass what it needs as an argument")


def _offset(source: SourceFile, line: int, column: int) -> int:
    """Where a place of `ast` (a line from 1, a column in bytes) is in the text."""
    start = source.offset(line - 1, 0)
    text = source.text[start : start + column].encode()[:column]
    return start + len(text.decode(errors="ignore"))


def _imports(tree: ast.Module) -> dict[str, str]:
    """What names of the module stand for: `{"np": "numpy", "uuid4": "uuid.uuid4"}`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for each in node.names:
                found[each.asname or each.name.split(".")[0]] = each.name
        elif isinstance(node, ast.ImportFrom):
            for each in node.names:
                found[each.asname or each.name] = f"{node.module}.{each.name}"
    return found


_Functions = dict[str, ast.FunctionDef | ast.AsyncFunctionDef]


def _doubts(
    bodies: _Functions, name: str, modules: dict[str, str], seen: set[str]
) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """What makes a function's answer uncertain, in it and in the functions of the file that it calls."""
    body = bodies.get(name)
    if body is None or name in seen:
        return
    seen.add(name)
    for decorator in body.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "deterministic" and isinstance(keyword.value, ast.Constant) and not keyword.value.value:
                yield keyword.value, "says that it isn't deterministic"
    for node in ast.walk(body):
        if isinstance(node, ast.Global):
            yield node, "changes a global of its module"
        if not isinstance(node, ast.Call):
            continue
        dotted = _dotted(node.func)
        if dotted in bodies:
            yield from _doubts(bodies, dotted, modules, seen)
        first, _, rest = dotted.partition(".")
        full = ".".join(filter(None, (modules.get(first, ""), rest))) if first in modules else ""
        if _is_doubtful(full.split(".")):
            yield node, f"calls {full}"


def _is_doubtful(parts: list[str]) -> bool:
    """Whether a call of `datetime.datetime.now` or the like answers something else every time."""
    if parts[0] in _MODULES and (parts[0] not in _PARTLY or parts[-1] in _CALLS):
        return True
    return len(parts) > 1 and parts[-1] in _CALLS and bool(set(parts[:-1]) & _OWNERS)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""
