"""A pipeline's folder as typed, frozen objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlglot import exp

from featuremill_codegen import contract
from featuremill_codegen.column_lineage import ColumnLineage, trace
from featuremill_codegen.config import FeatureYaml, load_config
from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.language import Language
from featuremill_codegen.names import NAME, NAME_RULE, RESERVED_PIPELINES, RESERVED_TABLES, did_you_mean
from featuremill_codegen.relations import Relation
from featuremill_codegen.resolve import Environment, OutputColumn, Resolved, Resolver
from featuremill_codegen.source import SourceFile, read_source
from featuremill_codegen.statements import Statement, View
from featuremill_codegen.tables import SourceTable
from featuremill_codegen.types import SqlType
from featuremill_codegen.udfs import Udf
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
    variables: tuple[str, ...]
    """Those that run.py needs, sorted; the platform's own among them."""
    environment: Environment
    types: Mapping[int, SqlType | None]
    """Types of expressions in the views and the query, by the `id` of their node."""
    lineage: Mapping[str, ColumnLineage]
    """Where the query's columns come from, by name."""

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The views and the query, in order."""
        return (*(view.statement for view in self.views), self.query)


def load_pipeline(folder: Path, variables: Mapping[str, str] | None = None) -> Pipeline:
    """The pipeline of a folder, of either kind: a stream has .sql files, a batch .hql files.

    `variables` are put into HiveQL before it is read; one without a value becomes a word. (Those of Flink SQL stand in
    texts, and stay.) Raises PipelineError with every mistake that can be told apart: of files, of feature.yaml, of SQL,
    of the contract.
    """
    try:
        return _load(Path(folder), variables or {})
    except RecursionError:
        raise PipelineError([too_deep(Path(folder))]) from None


def too_deep(folder: Path) -> Finding:
    """What is said of a pipeline whose statements are too deep to be followed: a sum of thousands, for example."""
    message = "An expression of this pipeline is too long or nested too deeply."
    return Finding(_shown(folder), 0, 0, "FM101", message, "split it, by a view or a subquery")


def _load(folder: Path, values: Mapping[str, str]) -> Pipeline:
    language = _language(folder)
    findings: list[Finding] = []

    def attempt(step: Callable[[], T]) -> T | None:
        try:
            return step()
        except PipelineError as error:
            findings.extend(error.findings)
            return None

    def source(name: str) -> SourceFile:
        return read_source(folder / name, f"{_shown(folder)}/{name}")

    def there(name: str) -> bool:
        return (folder / name).exists()

    transform = f"transform{language.suffix}"
    loaded = attempt(lambda: load_config(source("feature.yaml"), language.mode))
    table_statements = attempt(lambda: language.tables(source(f"source{language.suffix}"), values, findings)) or []
    statements = attempt(lambda: language.queries(source(transform), values, findings)) or []
    udf_source = attempt(lambda: source("udf_def.py")) if there("udf_def.py") else None
    udfs = (attempt(lambda: language.functions(udf_source)) or ()) if udf_source is not None else ()
    requirements = _requirements(attempt(lambda: source("requirements.txt"))) if there("requirements.txt") else ()
    if findings or loaded is None:
        raise PipelineError(findings)
    config, config_file = loaded

    tables = [table for table in (language.table(each, findings) for each in table_statements) if table is not None]
    query, views = _query_and_views(language, statements, findings, f"{_shown(folder)}/{transform}")
    if findings or query is None:
        raise PipelineError(findings)
    environment, (columns, complete, reaching), types = _resolve(language, tables, views, query, udfs, findings)
    if findings:
        raise PipelineError(findings)
    draft = contract.Draft(config, config_file, query, tuple(columns), complete, language.default_event_time)
    terms = contract.check(draft, findings)
    if findings or terms is None:
        raise PipelineError(findings)
    lineage = trace(columns, reaching, tables, [*(view.statement for view in views), query])
    return Pipeline(
        name=folder.name,
        folder=folder,
        mode=language.mode,
        config=config,
        config_file=config_file,
        tables=tuple(tables),
        views=tuple(views),
        query=query,
        columns=tuple(columns),
        key_types=terms.key_types,
        event_time_type=terms.event_time_type,
        features=tuple(_feature_of(config, name, kind, lineage[name]) for name, kind, _ in terms.features),
        udfs=udfs,
        udf_source=udf_source,
        requirements=requirements,
        variables=_variables(language, [*table_statements, *statements]),
        environment=environment,
        types=types,
        lineage=lineage,
    )


def _shown(folder: Path) -> str:
    """The folder as findings name it."""
    return f"{folder.parent.name}/{folder.name}"


def _language(folder: Path) -> Language:
    """The language of the folder's files. Raises PipelineError where it can't be a pipeline's folder."""

    def broken(message: str, help: str = "") -> PipelineError:
        return PipelineError([Finding(_shown(folder), 0, 0, "FM118", message, help)])

    if not folder.is_dir():
        others = [each.name for each in folder.parent.iterdir() if each.is_dir()] if folder.parent.is_dir() else []
        raise broken(f"There is no pipeline `{folder.name}`.", did_you_mean(folder.name, others))
    if not NAME.fullmatch(folder.name):
        raise broken(f"`{folder.name}` can't be a pipeline's name.", NAME_RULE)
    if folder.name in RESERVED_PIPELINES:
        raise broken(f"`{folder.name}` is a name of the platform's own.", "rename the folder")
    is_batch, is_stream = (
        any((folder / f"{name}{suffix}").exists() for name in ("source", "transform")) for suffix in (".hql", ".sql")
    )
    if is_batch and is_stream:
        raise broken("A pipeline has .sql files (a stream) or .hql files (a batch), not both.")
    # Imported when asked for: most folders are of one kind.
    if is_batch:
        from featuremill_codegen.hive.hiveql import HIVEQL

        return HIVEQL
    from featuremill_codegen.flink_sql import FLINK_SQL

    return FLINK_SQL


def _requirements(source: SourceFile | None) -> tuple[str, ...]:
    lines = (line.split("#", 1)[0].strip() for line in source.text.splitlines()) if source is not None else ()
    return tuple(line for line in lines if line)


def _query_and_views(
    language: Language, statements: list[Statement], findings: list[Finding], path: str
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
        if language.rules.normal(name.name) in RESERVED_TABLES:
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
    language: Language,
    tables: list[SourceTable],
    views: list[View],
    query: Statement,
    udfs: tuple[Udf, ...],
    findings: list[Finding],
) -> tuple[Environment, Resolved, dict[int, SqlType | None]]:
    rules = language.rules
    relations: dict[str, Relation] = {}
    for table in tables:
        if table.relation_name in relations:
            message = f"There are two tables `{table.name}`."
            findings.append(table.statement.finding("FM117", message, table.statement.tree.find(exp.Table)))
        relations[table.relation_name] = table.relation()
    environment = Environment(relations, {rules.normal(udf.name): udf.result_type for udf in udfs})
    types: dict[int, SqlType | None] = {}
    for view in views:
        resolver = Resolver(environment, rules)
        tree = view.statement.tree
        names = [each.name for each in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
        found = resolver.relation_of(tree.expression, names)
        types |= resolver.types
        findings.extend(_mistakes_of(resolver, view.statement))
        name = rules.normal(view.name)
        if name in relations:
            message = f"There is a table or view `{view.name}` already."
            findings.append(view.statement.finding("FM117", message, tree.find(exp.Table)))
        relations[name] = found
    resolver = Resolver(environment, rules)
    resolved = resolver.query(query.tree)
    findings.extend(_mistakes_of(resolver, query))
    return environment, resolved, types | resolver.types


def _mistakes_of(resolver: Resolver, statement: Statement) -> list[Finding]:
    """Findings for the names that don't exist."""
    found = [statement.finding("FM124", each.message, each.node, help=each.help) for each in resolver.mistakes]
    return list(dict.fromkeys(found))


def _variables(language: Language, statements: Sequence[Statement]) -> tuple[str, ...]:
    named = {name for statement in statements for name in language.variables(statement)}
    return tuple(sorted(named | language.own_variables))


def _feature_of(config: FeatureYaml, name: str, kind: SqlType, lineage: ColumnLineage) -> Feature:
    """A feature, with what feature.yaml says of it."""
    told = config.feature(name)
    return Feature(name, kind, lineage.sources, told.description, told.unit, told.default)
