"""YAML with places: plain values, and where each key and value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.source import SourceFile

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20

Location = tuple[str | int, ...]
"""The way to a value: keys and indices from the top, for example ("features", "a", "unit")."""


@dataclass(frozen=True)
class YamlFile:
    """A file's value, and the place of every key and value in it as (start, end) offsets."""

    source: SourceFile
    value: Any
    keys: dict[Location, tuple[int, int]] = field(default_factory=dict)
    values: dict[Location, tuple[int, int]] = field(default_factory=dict)

    def finding(self, code: str, message: str, location: Location, *, help: str = "", at_key: bool = False) -> Finding:
        """A finding at the value (or the key) of `location`, or at the nearest value above it; at () about the file."""
        places = self.keys if at_key else self.values
        while location and location not in places:
            location, places = location[:-1], self.values
        if not location:
            return Finding(self.source.path, 0, 0, code, message, help)
        return self.source.finding(code, message, *places[location], help=help)


def read_yaml(source: SourceFile, code: str) -> YamlFile:
    """The file's value with the place of each part.

    Raises PipelineError (with `code`) for wrong syntax, a key that stands twice, aliases, and nesting without end.
    """
    try:
        loader = _Loader(source.text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        start = source.offset(mark.line, mark.column) if mark else 0
        message = f"This is not YAML: {error.problem or error.context}."
        raise PipelineError([source.finding(code, message, min(start, len(source.text)))]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise PipelineError([source.finding(code, f"This is not YAML: {error}.")]) from None
    file = YamlFile(source, None)
    findings: list[Finding] = []
    value = _build(node, (), file, findings, code)
    if findings:
        raise PipelineError(findings)
    return YamlFile(source, value, file.keys, file.values)


def _build(node: yaml.Node | None, location: Location, file: YamlFile, findings: list[Finding], code: str) -> Any:
    if node is None:
        return None
    if location in file.values or len(location) > _DEEPEST:
        findings.append(
            file.source.finding(code, "Aliases and deep nesting are not for this file.", _span(file, node)[0])
        )
        return None
    file.values[location] = _span(file, node)
    if isinstance(node, yaml.MappingNode):
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            place = _span(file, key_node)
            if not key or key == "<<":
                findings.append(file.source.finding(code, "A key is a plain word.", *place))
                continue
            if key in result:
                first = file.source.finding(code, "", file.keys[(*location, key)][0]).line
                message = f"The key `{key}` stands here a second time (first in line {first})."
                findings.append(file.source.finding(code, message, *place, help="keep one of them"))
                continue
            file.keys[(*location, key)] = place
            result[key] = _build(value_node, (*location, key), file, findings, code)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*location, index), file, findings, code) for index, item in enumerate(node.value)]
    constructor = yaml.SafeLoader("")
    try:
        return constructor.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        findings.append(file.source.finding(code, f"This value can't be read: {error}.", *_span(file, node)))
        return None
    finally:
        constructor.dispose()


def _span(file: YamlFile, node: yaml.Node) -> tuple[int, int]:
    start = file.source.offset(node.start_mark.line, node.start_mark.column)
    end = file.source.offset(node.end_mark.line, node.end_mark.column)
    return start, end
