"""Python functions of a pipeline, found in udf_def.py by their decorator; the file is read, never run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.source import SourceFile
from featuremill_codegen.types import SqlType, parse_type

_DATA_TYPES = {
    "INTEGER": "INT",
    "TIMESTAMP_WITH_LOCAL_TIME_ZONE": "TIMESTAMP_LTZ",
    "TIMESTAMP_WITHOUT_TIME_ZONE": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Udf:
    """A function: its name in SQL, and its declared result type where that is plain to see.

    `kind` is `scalar`, `table`, `aggregate` or `table aggregate`; a table function's `result_types` are its columns'.
    """

    name: str
    result_type: SqlType | None
    line: int
    kind: str = "scalar"
    result_types: tuple[SqlType | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class Decorators:
    """How an engine's Python marks functions: its package, its decorators with their kinds, and the result type."""

    package: str
    kinds: Mapping[str, str]
    result: str
    """The argument that declares it; `place` is where it stands without its name, where it may."""
    place: int | None
    type_of: Callable[[ast.expr], SqlType | None]
    example: str


def find_udfs(source: SourceFile, decorators: Decorators | None = None) -> tuple[Udf, ...]:
    """The file's functions in order: PyFlink's, unless other decorators are given.

    Raises PipelineError for a syntax error, a kind of function that isn't supported yet, and a missing result type.
    """
    decorators = decorators or PYFLINK
    udfs: list[Udf] = []
    findings: list[Finding] = []
    for udf, keywords, node in _functions(source, decorators):
        if udf.kind != "scalar":
            message = f"`{udf.name}` is a {udf.kind} function; only scalar ones (@udf) are supported yet."
            findings.append(_at(source, "FM122", message, node))
        elif decorators.result not in keywords:
            message = f"`{udf.name}` declares no result type."
            findings.append(_at(source, "FM122", message, node, help=f"for example {decorators.example}"))
        else:
            udfs.append(udf)
    if findings:
        raise PipelineError(findings)
    if not udfs:
        message = "There is no function with @udf here."
        raise PipelineError([source.finding("FM122", message, help="decorate one, or remove this file")])
    return tuple(udfs)


def find_functions(source: SourceFile) -> tuple[Udf, ...]:
    """The file's functions of every kind in order, those without a result type, too."""
    return tuple(udf for udf, _, _ in _functions(source, PYFLINK))


_Keywords = dict[str | None, ast.expr]


def _functions(source: SourceFile, decorators: Decorators) -> list[tuple[Udf, _Keywords, ast.stmt]]:
    tree = _parsed(source)
    names = _imported_names(tree, decorators)
    found: list[tuple[Udf, _Keywords, ast.stmt]] = []
    for name, (decorator, call), node in _decorated(tree, names, decorators):
        keywords = {keyword.arg: keyword.value for keyword in call.keywords} if call is not None else {}
        # In `f = udf(function, …)` the function comes first.
        place = None if decorators.place is None else decorators.place + isinstance(node, ast.Assign)
        if call is not None and place is not None and place < len(call.args):
            keywords.setdefault(decorators.result, call.args[place])
        kind = names.get(decorator, decorators.kinds.get(decorator.rpartition(".")[2], ""))
        result = keywords.get(decorators.result)
        result_type = decorators.type_of(result) if result is not None else None
        udf = Udf(name, result_type, node.lineno, kind, _result_types(keywords.get("result_types")))
        found.append((udf, keywords, node))
    return found


def _parsed(source: SourceFile) -> ast.Module:
    try:
        return ast.parse(source.text)
    except SyntaxError as error:
        start = source.offset((error.lineno or 1) - 1, (error.offset or 1) - 1)
        message = f"This is not Python: {error.msg}."
        raise PipelineError([source.finding("FM122", message, min(start, len(source.text)))]) from None
    except (ValueError, RecursionError, MemoryError):
        raise PipelineError([source.finding("FM122", "This is not Python.")]) from None


def _imported_names(tree: ast.Module, decorators: Decorators) -> dict[str, str]:
    """Local names of the decorators, whatever they are imported as: {`udf`: `scalar`}, {`F.udf`: `scalar`}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == decorators.package:
            for alias in node.names:
                local = alias.asname or alias.name
                if alias.name in decorators.kinds:
                    names[local] = decorators.kinds[alias.name]
                else:
                    names |= {f"{local}.{name}": kind for name, kind in decorators.kinds.items()}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname and alias.name.split(".")[0] == decorators.package:
                    names |= {f"{alias.asname}.{name}": kind for name, kind in decorators.kinds.items()}
    return names


_Call = tuple[str, ast.Call | None]


def _decorated(tree: ast.Module, names: dict[str, str], decorators: Decorators) -> list[tuple[str, _Call, ast.stmt]]:
    """(name in SQL, decorator as (dotted name, call), node): `@udf(…) def f`, and `f = udf(…, …)`."""
    found: list[tuple[str, _Call, ast.stmt]] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                call = decorator if isinstance(decorator, ast.Call) else None
                dotted = _dotted(call.func if call else decorator)
                if _is_decorator(dotted, names, decorators):
                    found.append((node.name, (dotted, call), node))
        elif (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
        ):
            dotted = _dotted(node.value.func)
            if _is_decorator(dotted, names, decorators):
                found.append((node.targets[0].id, (dotted, node.value), node))
    return found


def _is_decorator(dotted: str, names: dict[str, str], decorators: Decorators) -> bool:
    whole = dotted.startswith(f"{decorators.package}.") and dotted.rpartition(".")[2] in decorators.kinds
    return dotted in names or whole


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def _result_type(node: ast.expr) -> SqlType | None:
    """`DataTypes.DOUBLE()`, `DataTypes.ARRAY(DataTypes.INT())` or `'DOUBLE'` as a type; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return parse_type(node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    root = _DATA_TYPES.get(node.func.attr, node.func.attr)
    if root == "ROW":
        return _row(node.args)
    if root in ("ARRAY", "MAP", "MULTISET"):
        parts = [_result_type(argument) for argument in node.args]
        known = tuple(part for part in parts if part is not None)
        return SqlType(root, (), known) if known and len(known) == len(parts) else None
    numbers = [str(each.value) for each in node.args if isinstance(each, ast.Constant) and type(each.value) is int]
    keywords = [
        str(each.value.value)
        for each in node.keywords
        if isinstance(each.value, ast.Constant) and each.arg != "nullable"
    ]
    if root == "DECIMAL" and not numbers and not keywords:
        return None
    arguments = [*numbers, *keywords]
    return parse_type(f"{root}({', '.join(arguments)})" if arguments else root)


def _row(arguments: list[ast.expr]) -> SqlType | None:
    """`DataTypes.ROW([DataTypes.FIELD('name', type), …])`."""
    fields = arguments[0].elts if len(arguments) == 1 and isinstance(arguments[0], ast.List) else []
    names: list[str] = []
    parts: list[SqlType] = []
    for each in fields:
        name = each.args[0] if isinstance(each, ast.Call) and len(each.args) >= 2 else None
        kind = _result_type(each.args[1]) if isinstance(each, ast.Call) and len(each.args) >= 2 else None
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)) or kind is None:
            return None
        names.append(name.value)
        parts.append(kind)
    return SqlType("ROW", (), tuple(parts), tuple(names)) if parts else None


def _result_types(node: ast.expr | None) -> tuple[SqlType | None, ...] | None:
    """The columns of a table function: one type, or a list of them."""
    if node is None:
        return None
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    return tuple(map(_result_type, nodes))


def _at(source: SourceFile, code: str, message: str, node: ast.stmt, *, help: str = "") -> Finding:
    start = source.offset(node.lineno - 1, node.col_offset)
    end = source.text.find("\n", start)
    return source.finding(code, message, start, end if end >= 0 else len(source.text), help=help)


PYFLINK = Decorators(
    package="pyflink",
    kinds={"udf": "scalar", "udtf": "table", "udaf": "aggregate", "udtaf": "table aggregate"},
    result="result_type",
    place=None,
    type_of=_result_type,
    example="@udf(result_type=DataTypes.DOUBLE())",
)
