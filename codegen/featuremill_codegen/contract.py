"""The contract between a pipeline's query and its readers: keys, event time, names and types of features."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from featuremill_codegen.config import FeatureYaml
from featuremill_codegen.errors import Finding
from featuremill_codegen.names import NAME, NAME_RULE, did_you_mean, nearest
from featuremill_codegen.resolve import OutputColumn
from featuremill_codegen.statements import Statement
from featuremill_codegen.types import STRING, SqlType, parse_type
from featuremill_codegen.values import check_default, is_supported
from featuremill_codegen.yaml_file import YamlFile

EVENT_TIME = "event_time"


@dataclass(frozen=True)
class Draft:
    """What is known of a pipeline before it is known to keep the contract."""

    config: FeatureYaml
    config_file: YamlFile
    query: Statement
    columns: tuple[OutputColumn, ...]
    complete: bool
    default_event_time: SqlType | None = None
    """The type of an event time that the query need not have: a batch's is the end of its day."""


@dataclass(frozen=True)
class Terms:
    """What the contract settles: types of the keys and of event time, and (name, type, column) of each feature."""

    key_types: tuple[SqlType, ...]
    event_time_type: SqlType
    features: tuple[tuple[str, SqlType, OutputColumn], ...]


def check(draft: Draft, findings: list[Finding]) -> Terms | None:
    """The terms; None where findings were added."""
    before = len(findings)
    if not draft.complete:
        message = "The columns of this query can't be seen from SQL alone."
        findings.append(draft.query.finding("FM113", message, help="name each column instead of `*`"))
        return None
    by_name = _by_name(draft, findings)
    keys = [_key(draft, name, by_name, findings) for name in draft.config.entity.keys]
    event_time = _event_time(draft, by_name, findings)
    names = [name for name in by_name if name not in draft.config.entity.keys and name != EVENT_TIME]
    features = [_feature(draft, name, by_name[name], findings) for name in names]
    if not names and len(findings) == before:
        message = "This query has no features: beside the key and event_time it has no column."
        findings.append(draft.query.finding("FM112", message))
    _check_config(draft, names, findings)
    if len(findings) > before or event_time is None:
        return None
    kinds = zip(names, features, strict=True)
    return Terms(
        tuple(kind for kind in keys if kind is not None),
        event_time,
        tuple((name, kind, by_name[name]) for name, kind in kinds if kind is not None),
    )


def _by_name(draft: Draft, findings: list[Finding]) -> dict[str, OutputColumn]:
    by_name: dict[str, OutputColumn] = {}
    for column in draft.columns:
        name = column.column.name
        if not name:
            message = "This column has no name."
            findings.append(draft.query.finding("FM112", message, column.node, help="add `AS name`"))
        elif name in by_name:
            message = f"There are two columns `{name}`."
            findings.append(draft.query.finding("FM112", message, _name_node(column), help="rename one of them"))
        else:
            by_name[name] = column
    return by_name


def _key(draft: Draft, name: str, by_name: dict[str, OutputColumn], findings: list[Finding]) -> SqlType | None:
    entity = draft.config.entity.name
    if name not in by_name:
        message = f"The query has no column `{name}`, a key of entity `{entity}`."
        close = nearest(name, by_name)
        help = f"write `{close[0]} AS {name}`" if close else f"name a column of the query so: `… AS {name}`"
        findings.append(draft.query.finding("FM110", message, help=help))
        return None
    column = by_name[name]
    kind = column.column.type
    if kind is None:
        message = f"The type of the key `{name}` is not plain to see."
        help = f"write CAST(… AS STRING) AS {name}"
        findings.append(draft.query.finding("FM113", message, _name_node(column), help=help))
    elif not (kind.is_text or kind.is_integer or kind.root == "DATE"):
        message = f"The key `{name}` is {kind}; a key is a STRING, an integer or a DATE."
        help = f"write CAST(… AS STRING) AS {name}"
        findings.append(draft.query.finding("FM114", message, _name_node(column), help=help))
    return kind


def _event_time(draft: Draft, by_name: dict[str, OutputColumn], findings: list[Finding]) -> SqlType | None:
    if EVENT_TIME not in by_name and draft.default_event_time is not None:
        return draft.default_event_time
    if EVENT_TIME not in by_name:
        message = f"The query has no column `{EVENT_TIME}`: when were the values true?"
        windowed = draft.query.tree.find(exp.Group)
        help = (
            "in a window that is `window_end AS event_time`" if windowed else "name a timestamp so: `… AS event_time`"
        )
        findings.append(draft.query.finding("FM111", message, help=help))
        return None
    column = by_name[EVENT_TIME]
    kind = column.column.type
    if kind is None:
        message = f"The type of `{EVENT_TIME}` is not plain to see."
        help = "write CAST(… AS TIMESTAMP_LTZ(3)) AS event_time"
        findings.append(draft.query.finding("FM113", message, _name_node(column), help=help))
    elif not kind.is_timestamp:
        message = f"`{EVENT_TIME}` is {kind}; it must be a TIMESTAMP or a TIMESTAMP_LTZ."
        findings.append(draft.query.finding("FM114", message, _name_node(column)))
    return kind


def _feature(draft: Draft, name: str, column: OutputColumn, findings: list[Finding]) -> SqlType | None:
    if not NAME.fullmatch(name):
        message = f"`{name}` can't be a feature's name."
        findings.append(draft.query.finding("FM112", message, _name_node(column), help=NAME_RULE))
        return None
    told = draft.config.feature(name)
    kind = column.column.type
    if told.type is not None:
        declared = parse_type(told.type)
        if declared is None:
            message = f"`{told.type}` is not one of Flink's types."
            findings.append(draft.config_file.finding("FM113", message, ("features", name, "type")))
            return None
        if kind is not None and not _same(kind, declared):
            message = f"`{name}` is {kind} in the query, not {declared}."
            help = "leave the type out here, or write a CAST in the query"
            findings.append(draft.config_file.finding("FM113", message, ("features", name, "type"), help=help))
            return None
        kind = declared
    if kind is None or kind.root == "NULL":
        message = f"The type of the feature `{name}` is not plain to see."
        help = f"write CAST(… AS …) AS {name}, or `type:` under `features: {name}:` in feature.yaml"
        findings.append(draft.query.finding("FM113", message, _name_node(column), help=help))
        return None
    if kind.root == "CHAR" or kind.root == "VARCHAR":
        kind = STRING
    if not is_supported(kind):
        message = f"`{name}` is {kind}, which has no form as text."
        findings.append(draft.query.finding("FM123", message, _name_node(column), help="CAST it to another type"))
        return None
    if told.default is not None and not check_default(told.default, kind):
        message = f"The default `{told.default}` of `{name}` can't be read as {kind}."
        findings.append(draft.config_file.finding("FM123", message, ("features", name, "default")))
    return kind


def _same(kind: SqlType, declared: SqlType) -> bool:
    return kind == declared or (kind.is_text and declared.is_text)


def _check_config(draft: Draft, names: list[str], findings: list[Finding]) -> None:
    for name in draft.config.features:
        if name not in names:
            message = f"`features:` names `{name}`, but the query has no such feature."
            help = did_you_mean(name, names)
            findings.append(draft.config_file.finding("FM115", message, ("features", name), help=help, at_key=True))


def _name_node(column: OutputColumn) -> exp.Expr | None:
    node = column.node
    return node.args["alias"] if isinstance(node, exp.Alias) else node
