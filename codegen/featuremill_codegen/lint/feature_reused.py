from __future__ import annotations

from collections.abc import Iterator, Sequence

from featuremill_codegen.collection import served
from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import CrossRule
from featuremill_codegen.pipeline import Pipeline


class FeatureReused(CrossRule):
    """Two pipelines that give the same feature of the same entity.

    A reader asks for an entity's feature by its name alone, and both would write the same field. Only a twin
    (`parity_with`) or a history (`bootstrap_from`) shares its names with the pipeline that it serves.
    """

    code = "FM116"

    def check(self, pipelines: Sequence[Pipeline]) -> Iterator[Finding]:
        owners: dict[tuple[str, str], str] = {}
        for pipeline in served(pipelines):
            nodes = {each.column.name: each.node for each in pipeline.columns}
            for feature in pipeline.features:
                owner = owners.setdefault((pipeline.config.entity.name, feature.name), pipeline.name)
                if owner != pipeline.name:
                    entity = pipeline.config.entity.name
                    message = (
                        f"The feature `{feature.name}` of entity `{entity}` is given by pipeline `{owner}` already."
                    )
                    node = nodes[feature.name]
                    place = node.args.get("alias", node) if node is not None else None
                    yield pipeline.query.finding(self.code, message, place, help="give it another name")
