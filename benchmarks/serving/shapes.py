"""What is stored, and how much of it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass

ENTITIES = 2_000
FEATURES = 50
ASKED = 20
PIPELINES = 5
NOW_MS = 1_357_214_400_000
SERVICE = "featuremill.serving.v1.FeatureService"


@dataclass(frozen=True)
class Load:
    """So many callers, each of whom asks for 20 of 50 features of so many entities, again and again."""

    callers: int
    entities: int

    def __str__(self) -> str:
        return f"{self.callers} caller{'s' if self.callers > 1 else ''}, {self.entities} × {ASKED}"


LOADS = tuple(Load(callers, entities) for entities in (1, 100) for callers in (1, 16, 64))


def feature_name(number: int) -> str:
    """Ten characters."""
    return f"feature_{number:02d}"


ASKED_NAMES = [feature_name(number) for number in range(0, FEATURES, 2)][:ASKED]


def pipeline_of(number: int) -> str:
    """Ten features come from each pipeline."""
    return f"pipeline_{number * PIPELINES // FEATURES}"


def is_double(number: int) -> bool:
    """Doubles and whole numbers by turns."""
    return number % 4 != 0


def view_of(name: str) -> str:
    """Feast's feature view is what a pipeline is here."""
    return pipeline_of(int(name.removeprefix("feature_")))


def fields(entity: int) -> dict[str, str]:
    """An entity's hash: doubles and whole numbers by turns, and when each pipeline wrote it."""
    values = {
        feature_name(number): f"{entity * 0.37 + number:.6f}" if is_double(number) else str(entity * 1000 + number)
        for number in range(FEATURES)
    }
    return values | {f"@pipeline_{number}": f"{NOW_MS - 60_000}-{entity}" for number in range(PIPELINES)}


def registry() -> str:
    """The registry of the one entity."""
    features = {
        feature_name(number): {
            "pipeline": pipeline_of(number),
            "type": "DOUBLE" if is_double(number) else "BIGINT",
            "max_age_ms": 7_200_000,
            "default": "0",
            "unit": None,
            "description": None,
        }
        for number in range(FEATURES)
    }
    pipelines = {f"pipeline_{n}": {"version": "1", "owner": "bench", "ttl_ms": 604_800_000} for n in range(PIPELINES)}
    entities = {"user": {"keys": ["user"], "features": features}}
    return json.dumps({"format": 1, "entities": entities, "pipelines": pipelines, "feature_sets": {}})
