"""What is asked: entities and features, and the requests as bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from featuremill_serving.v1 import serving_pb2 as wire

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

    @property
    def method(self) -> str:
        """The path of the call."""
        return f"/{SERVICE}/{'GetFeatures' if self.entities == 1 else 'BatchGetFeatures'}"

    def requests(self) -> list[bytes]:
        """Requests for entities that differ, to be sent in turn."""
        names = [feature_name(number) for number in range(0, FEATURES, 2)][:ASKED]
        if self.entities == 1:
            return [
                wire.GetFeaturesRequest(entity_name=f"user:{number}", feature_names=names).SerializeToString()
                for number in range(ENTITIES)
            ]
        starts = range(0, ENTITIES - self.entities + 1, self.entities)
        return [
            wire.BatchGetFeaturesRequest(
                entity_names=[f"user:{start + number}" for number in range(self.entities)], feature_names=names
            ).SerializeToString()
            for start in starts
        ]

    def __str__(self) -> str:
        return f"{self.callers} caller{'s' if self.callers > 1 else ''}, {self.entities} × {ASKED}"


LOADS = tuple(Load(callers, entities) for entities in (1, 100) for callers in (1, 16, 64))


def feature_name(number: int) -> str:
    """Ten characters."""
    return f"feature_{number:02d}"


def pipeline_of(number: int) -> str:
    """Ten features come from each pipeline."""
    return f"pipeline_{number * PIPELINES // FEATURES}"


def fields(entity: int) -> dict[str, str]:
    """An entity's hash: doubles and whole numbers by turns, and when each pipeline wrote it."""
    values = {
        feature_name(number): f"{entity * 0.37 + number:.6f}" if number % 4 else str(entity * 1000 + number)
        for number in range(FEATURES)
    }
    return values | {f"@pipeline_{number}": f"{NOW_MS - 60_000}-{entity}" for number in range(PIPELINES)}


def registry() -> str:
    """The registry of the one entity."""
    features = {
        feature_name(number): {
            "pipeline": pipeline_of(number),
            "type": "DOUBLE" if number % 4 else "BIGINT",
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
