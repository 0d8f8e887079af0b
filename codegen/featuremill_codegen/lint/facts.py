"""What the rules for all pipelines together need to know of each: small, and plain enough to be kept in a cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from featuremill_codegen.errors import Finding

if TYPE_CHECKING:
    from featuremill_codegen.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a finding can be made at later, without the file. Counted as a `Finding` counts."""

    path: str
    line: int
    column: int
    length: int
    source_line: str

    def finding(self, code: str, message: str, *, help: str = "", others: Sequence[str] = ()) -> Finding:
        """A finding here; `others` are the other pipelines that have a part in it."""
        return Finding(
            self.path,
            self.line,
            self.column,
            code,
            message,
            help,
            self.source_line,
            self.length,
            others=tuple(sorted(set(others))),
        )


@dataclass(frozen=True, slots=True)
class FeatureFact:
    """A feature: its name, its type as text, and where the query names it."""

    name: str
    type: str
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
    """One pipeline. `cron` is when a batch runs, None of a stream.

    `places` are those of keys of feature.yaml (`entity`, `parity_with`, `bootstrap_from`), and of each name in
    `depends_on` (`depends_on <name>`).
    """

    name: str
    mode: str
    entity: str
    keys: tuple[str, ...]
    features: tuple[FeatureFact, ...]
    parity_with: str | None
    bootstrap_from: str | None
    cron: str | None
    depends_on: tuple[str, ...]
    places: Mapping[str, Place]

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `from_json`."""
        return {
            "name": self.name,
            "mode": self.mode,
            "entity": self.entity,
            "keys": self.keys,
            "features": [[each.name, each.type, *_place_values(each.place)] for each in self.features],
            "parity_with": self.parity_with,
            "bootstrap_from": self.bootstrap_from,
            "cron": self.cron,
            "depends_on": self.depends_on,
            "places": {key: _place_values(place) for key, place in self.places.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Facts:
        """The facts that `to_json` wrote."""
        features = tuple(FeatureFact(name, kind, Place(*place)) for name, kind, *place in value["features"])
        places = {key: Place(*place) for key, place in value["places"].items()}
        lists = {key: tuple(value[key]) for key in ("keys", "depends_on")}
        return cls(**{**value, **lists, "features": features, "places": places})


@dataclass(frozen=True)
class Together:
    """All pipelines: the facts of those that can be loaded, sorted by name, and the names of all that are there."""

    facts: tuple[Facts, ...]
    names: frozenset[str]
    by_name: Mapping[str, Facts] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.facts})

    def served(self) -> list[Facts]:
        """Those whose features readers get: not a twin, which is only compared, not a history, which fills another's
        past.
        """
        histories = {each.bootstrap_from for each in self.facts}
        return [each for each in self.facts if each.parity_with is None and each.name not in histories]


def facts_of(pipeline: Pipeline) -> Facts:
    """The facts of a loaded pipeline."""
    nodes = {each.column.name: each.node for each in pipeline.columns}
    features = []
    for feature in pipeline.features:
        node = nodes[feature.name]
        place = node.args.get("alias", node) if node is not None else None
        features.append(FeatureFact(feature.name, str(feature.type), _place(pipeline.query.finding("", "", place))))
    file = pipeline.config_file
    schedule = pipeline.config.schedule
    depends_on = tuple(schedule.depends_on) if schedule is not None else ()
    places = {key: _place(file.finding("", "", (key,))) for key in ("entity", "parity_with", "bootstrap_from")}
    for number, name in enumerate(depends_on):
        places[f"depends_on {name}"] = _place(file.finding("", "", ("schedule", "depends_on", number)))
    return Facts(
        pipeline.name,
        pipeline.mode,
        pipeline.config.entity.name,
        tuple(pipeline.config.entity.keys),
        tuple(features),
        pipeline.config.parity_with,
        pipeline.config.bootstrap_from,
        schedule.cron if schedule is not None else None,
        depends_on,
        places,
    )


def _place(finding: Finding) -> Place:
    return Place(finding.path, finding.line, finding.column, finding.length, finding.source_line)


def _place_values(place: Place) -> list[Any]:
    return [place.path, place.line, place.column, place.length, place.source_line]
