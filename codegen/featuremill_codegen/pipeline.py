"""A pipeline's folder as typed, frozen objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlglot import exp

from featuremill_codegen import contract
from featuremill_codegen.column_lineage import ColumnLineage, trace
from featuremill_codegen.config import FeatureYaml, load_config
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.names import NAME, NAME_RULE, RESERVED_PIPELINES, RESERVED_TABLES, did_you_mean
from featuremill_codegen.refusals import Refusal, of_source, of_transform
from featuremill_codegen.relations import Relation
from featuremill_codegen.resolve import Environment, OutputColumn, Resolved, Resolver
from featuremill_codegen.source import SourceFile, read_source
from featuremill_codegen.statements import Chunk, Statement, cut, parse
from featuremill_codegen.tables import SourceTable, read_table
from featuremill_codegen.types import SqlType
from featuremill_codegen.udfs import Udf, find_udfs
from featuremill_codegen.variables import BOOTSTRAP_SERVERS, misplaced_variables
from featuremill_codegen.yaml_file import YamlFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Feature:
    """A column of the query that readers get. `sources` are `table.column` names, sorted."""

    name: str
    type: SqlType
    sources: tuple[str, ...]
    description: str | None
    unit: str | None
    default: str | None


@dataclass(frozen=True, slots=True)
class View:
    """A view of transform.sql."""

    name: str
    statement: Statement


@dataclass(frozen=True)
class Pipeline:
    """A pipeline that keeps the contract. `mode` is `stream` or `batch`."""

    name: str
    folder: Path
    mode: str
    config: FeatureYaml
    config_file: YamlFile
    tables: tuple[SourceTable, ...]
    views: tuple[View, ...]
    query: Statement
    columns: tuple[OutputColumn, ...]
    key_types: tuple[SqlType, ...]
    event_time_type: SqlType
    features: tuple[Feature, ...]
    udfs: tuple[Udf, ...]
    udf_source: SourceFile | None
    requirements: tuple[str, ...]
    environment: Environment
    types: Mapping[int, SqlType | None]
    """Types of expressions in the views and the query, by the `id` of their node."""
    lineage: Mapping[str, ColumnLineage]
    """Where the query's columns come from, by name."""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The views and the query, in order."""
        return (*(view.statement for view in self.views), self.query)

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables that run.py needs, sorted; the platform's own among them."""
        names = {name for table in self.tables for name in table.variables}
        return tuple(sorted(names | {BOOTSTRAP_SERVERS}))


def load_pipeline(folder: Path) -> Pipeline:
    """The pipeline of a folder.

    Raises PipelineError with every mistake that can be told apart: of files, of feature.yaml, of SQL, of the contract.
    """
    try:
        return _load(Path(folder))
    except RecursionError:
        raise PipelineError([too_deep(Path(folder))]) from None


def too_deep(folder: Path) -> Finding:
    """What is said of a pipeline whose statements are too deep to be followed: a sum of thousands, for example."""
    message = "An expression of this pipeline is too long or nested too deeply."
    return Finding(f"{folder.parent.name}/{folder.name}", 0, 0, "FM101", message, "split it, by a view or a subquery")


def _load(folder: Path) -> Pipeline:
    _check_folder(folder)
    findings: list[Finding] = []

    def attempt(step: Callable[[], T]) -> T | None:
        try:
            return step()
        except PipelineError as error:
            findings.extend(error.findings)
            return None

    def source(name: str) -> SourceFile:
        return read_source(folder / name, f"{folder.parent.name}/{folder.name}/{name}")

    loaded = attempt(lambda: load_config(source("feature.yaml"), "stream"))
    table_statements = attempt(lambda: _statements(source("source.sql"), of_source, findings)) or []
    statements = attempt(lambda: _statements(source("transform.sql"), of_transform, findings)) or []
    udf_source = attempt(lambda: source("udf_def.py")) if (folder / "udf_def.py").exists() else None
    udfs = (attempt(lambda: find_udfs(udf_source)) or ()) if udf_source is not None else ()
    requirements = (
        _requirements(attempt(lambda: source("requirements.txt"))) if (folder / "requirements.txt").exists() else ()
    )
    if findings or loaded is None:
        raise PipelineError(findings)
    config, config_file = loaded

    tables = [table for table in (read_table(each, findings) for each in table_statements) if table is not None]
    query, views = _query_and_views(statements, findings, f"{folder.parent.name}/{folder.name}/transform.sql")
    if findings or query is None:
        raise PipelineError(findings)
    environment, (columns, complete, reaching), types = _resolve(tables, views, query, udfs, findings)
    if findings:
        raise PipelineError(findings)
    draft = contract.Draft(config, config_file, query, tuple(columns), complete)
    terms = contract.check(draft, findings)
    if findings or terms is None:
        raise PipelineError(findings)
    lineage = trace(columns, reaching, tables, [*(view.statement for view in views), query])
    return Pipeline(
        name=folder.name,
        folder=folder,
        mode="stream",
        config=config,
        config_file=config_file,
        tables=tuple(tables),
        views=tuple(views),
        query=query,
        columns=tuple(columns),
        key_types=terms.key_types,
        event_time_type=terms.event_time_type,
        features=tuple(feature_of(config, name, kind, lineage[name]) for name, kind, _ in terms.features),
        udfs=udfs,
        udf_source=udf_source,
        requirements=requirements,
        environment=environment,
        types=types,
        lineage=lineage,
    )


def _check_folder(folder: Path) -> None:
    def broken(message: str, help: str = "") -> PipelineError:
        return PipelineError([Finding(f"{folder.parent.name}/{folder.name}", 0, 0, "FM118", message, help)])

    if not folder.is_dir():
        others = [each.name for each in folder.parent.iterdir() if each.is_dir()] if folder.parent.is_dir() else []
        raise broken(f"There is no pipeline `{folder.name}`.", did_you_mean(folder.name, others))
    if not NAME.fullmatch(folder.name):
        raise broken(f"`{folder.name}` can't be a pipeline's name.", NAME_RULE)
    if folder.name in RESERVED_PIPELINES:
        raise broken(f"`{folder.name}` is a name of the platform's own.", "rename the folder")
    if (folder / "source.hql").exists() or (folder / "transform.hql").exists():
        if (folder / "source.sql").exists() or (folder / "transform.sql").exists():
            raise broken("A pipeline has .sql files (a stream) or .hql files (a batch), not both.")
        raise broken("A HiveQL pipeline (a batch) is not supported yet.")


def _statements(
    source: SourceFile, refusal: Callable[[Chunk], Refusal | None], findings: list[Finding]
) -> list[Statement]:
    """The file's statements, parsed; those that don't belong here become findings."""
    statements: list[Statement] = []
    chunks = cut(source)
    if not chunks:
        raise PipelineError([Finding(source.path, 0, 0, "FM100", "There is no statement in this file.")])
    for chunk in chunks:
        misplaced = misplaced_variables(source, chunk.tokens)
        if misplaced:
            findings.extend(misplaced)
            continue
        refused = refusal(chunk)
        if refused is not None:
            first = chunk.tokens[0]
            findings.append(source.finding("FM102", refused.message, first.start, first.end + 1, help=refused.help))
            continue
        try:
            statements.append(parse(source, chunk))
        except PipelineError as error:
            findings.extend(error.findings)
    return statements


def _requirements(source: SourceFile | None) -> tuple[str, ...]:
    lines = (line.split("#", 1)[0].strip() for line in source.text.splitlines()) if source is not None else ()
    return tuple(line for line in lines if line)


def _query_and_views(
    statements: list[Statement], findings: list[Finding], path: str
) -> tuple[Statement | None, list[View]]:
    views: list[View] = []
    queries: list[Statement] = []
    for statement in statements:
        tree = statement.tree
        if not isinstance(tree, exp.Create):
            queries.append(statement)
            continue
        name = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
        if tree.expression is None:
            findings.append(statement.finding("FM101", "This view has no query.", name, help="write it behind AS"))
            continue
        if name.name in RESERVED_TABLES:
            message = f"`{name.name}` is a view that the platform makes."
            findings.append(statement.finding("FM117", message, name, help="give it another name"))
        if queries:
            message = "This view stands behind the query that could use it."
            findings.append(statement.finding("FM102", message, name, help="views first, then the one query"))
        views.append(View(name.name, statement))
    if not queries:
        help = "end the file with a SELECT: key column(s), event_time, features"
        findings.append(Finding(path, 0, 0, "FM102", "There is no query in this file.", help))
    for extra in queries[1:]:
        message = "There is a second query; a pipeline has one."
        findings.append(extra.finding("FM102", message, help="join them, or make two pipelines"))
    return (queries[0] if queries else None), views


def _resolve(
    tables: list[SourceTable], views: list[View], query: Statement, udfs: tuple[Udf, ...], findings: list[Finding]
) -> tuple[Environment, Resolved, dict[int, SqlType | None]]:
    relations: dict[str, Relation] = {}
    for table in tables:
        if table.name in relations:
            message = f"There are two tables `{table.name}`."
            findings.append(table.statement.finding("FM117", message, table.statement.tree.this.this))
        relations[table.name] = table.relation()
    environment = Environment(relations, {udf.name: udf.result_type for udf in udfs})
    types: dict[int, SqlType | None] = {}
    for view in views:
        resolver = Resolver(environment)
        tree = view.statement.tree
        names = [each.name for each in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
        found = resolver.relation_of(tree.expression, names)
        types |= resolver.types
        findings.extend(mistakes_of(resolver, view.statement))
        if view.name in relations:
            message = f"There is a table or view `{view.name}` already."
            findings.append(view.statement.finding("FM117", message, tree.find(exp.Table)))
        relations[view.name] = found
    resolver = Resolver(environment)
    resolved = resolver.query(query.tree)
    findings.extend(mistakes_of(resolver, query))
    return environment, resolved, types | resolver.types


def mistakes_of(resolver: Resolver, statement: Statement) -> list[Finding]:
    """Findings for the names that don't exist."""
    found = [statement.finding("FM124", each.message, each.node, help=each.help) for each in resolver.mistakes]
    return list(dict.fromkeys(found))


def feature_of(config: FeatureYaml, name: str, kind: SqlType, lineage: ColumnLineage) -> Feature:
    """A feature, with what feature.yaml says of it."""
    told = config.feature(name)
    return Feature(name, kind, lineage.sources, told.description, told.unit, told.default)
