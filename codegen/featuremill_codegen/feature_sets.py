"""pipelines/feature_sets.yaml: the pinned lists of features that models read, by name.

    eta_model_v3:
      entity: airport
      features: [departures_1h, mean_departure_delay_1h]
      description: What the arrival-time model reads       # optional

A set is pinned: a model that reads other features gets a set of another name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from featuremill_codegen.errors import Finding, PipelineError
from featuremill_codegen.names import NAME, NAME_RULE, did_you_mean
from featuremill_codegen.source import read_source
from featuremill_codegen.yaml_file import YamlFile, read_yaml

FILE = "feature_sets.yaml"
MOST_FEATURES = 1000
CODE = "FM132"
_KEYS = ("entity", "features", "description")


def load_feature_sets(
    pipelines_root: Path,
    features: Mapping[str, Collection[str]] | None,
    givers: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """The feature sets as registry.json has them, sorted by name; none where there is no file.

    Args:
        pipelines_root: the folder of all pipelines.
        features: the features of each entity; None where not all are known, and then no name is looked for.
        givers: the pipelines that give an entity's features: they have a part in what is wrong with its sets.

    Raises:
        PipelineError: with every mistake at its place.
    """
    path = pipelines_root / FILE
    if not path.exists():
        return {}
    file = read_yaml(read_source(path, f"{pipelines_root.name}/{FILE}"), CODE)
    if not isinstance(file.value, dict):
        raise PipelineError([file.finding(CODE, f"{FILE} is a list of `name: {{entity, features}}`.", ())])
    findings: list[Finding] = []
    for name, one in file.value.items():
        entity = one.get("entity") if isinstance(one, dict) else None
        others = tuple(sorted((givers or {}).get(str(entity), ())))
        findings += (replace(finding, others=others) for finding in _check(file, name, features))
    if findings:
        raise PipelineError(findings)
    return {
        name: {"entity": each["entity"], "features": each["features"], "description": each.get("description")}
        for name, each in sorted(file.value.items())
    }


def _check(file: YamlFile, name: str, known: Mapping[str, Collection[str]] | None) -> Iterator[Finding]:
    """What is wrong with one set."""
    if not NAME.fullmatch(name):
        yield file.finding(CODE, f"A feature set can't be called `{name}`.", (name,), help=NAME_RULE, at_key=True)
    one = file.value[name]
    if not isinstance(one, dict):
        yield file.finding(CODE, f"`{name}` has an `entity` and `features`.", (name,))
        return
    for key in one:
        if key not in _KEYS:
            help = did_you_mean(key, _KEYS)
            yield file.finding(CODE, f"There is no key `{key}` here.", (name, key), help=help, at_key=True)
    for key in ("entity", "features"):
        if key not in one:
            yield file.finding(CODE, f"`{name}.{key}` is missing.", (name,), help=f"add `{key}:`")
    if not isinstance(one.get("description", ""), str):
        yield file.finding(CODE, f"`{name}.description` is text.", (name, "description"))
    entity, asked = one.get("entity"), one.get("features")
    if "entity" in one and not isinstance(entity, str):
        yield file.finding(CODE, f"`{name}.entity` is the name of an entity.", (name, "entity"))
    elif known is not None and isinstance(entity, str) and entity not in known:
        help = did_you_mean(entity, known)
        yield file.finding(CODE, f"There is no entity `{entity}`.", (name, "entity"), help=help)
    if "features" in one and (not isinstance(asked, list) or not 0 < len(asked) <= MOST_FEATURES):
        yield file.finding(CODE, f"`{name}.features` is a list of 1 to {MOST_FEATURES} names.", (name, "features"))
    elif asked:
        yield from _check_features(file, name, asked, (known or {}).get(str(entity)))


def _check_features(file: YamlFile, name: str, asked: list[Any], known: Collection[str] | None) -> Iterator[Finding]:
    """What is wrong with the features of one set; `known` are the entity's, None where they aren't known."""
    seen: Counter[str] = Counter()
    for place, feature in enumerate(asked):
        location = (name, "features", place)
        seen[str(feature)] += 1
        if not isinstance(feature, str):
            yield file.finding(CODE, "A feature is a name.", location)
        elif known is not None and feature not in known:
            help = did_you_mean(feature, known)
            yield file.finding(CODE, f"The entity has no feature `{feature}`.", location, help=help)
        elif seen[str(feature)] == 2:
            yield file.finding(CODE, f"`{feature}` stands here a second time.", location, help="keep one of them")
