from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.facts import FeatureFact, Together
from featuremill_codegen.lint.rule import CrossRule


class FeatureReused(CrossRule):
    """Two pipelines that give the same feature of the same entity.

    A reader asks for an entity's feature by its name alone, and both pipelines would write the same field. Only a twin
    (`parity_with`) or a history (`bootstrap_from`) shares its names with the pipeline that it serves.
    """

    code = "FM116"
    why = "both jobs would write the same field in Redis, and a model would read now the one's value, now the other's"

    def check(self, together: Together) -> Iterator[Finding]:
        owners: dict[tuple[str, str], tuple[str, FeatureFact]] = {}
        for each in together.served():
            for feature in each.features:
                owner, first = owners.setdefault((each.entity, feature.name), (each.name, feature))
                if owner == each.name:
                    continue
                message = (
                    f"The feature `{feature.name}` of entity `{each.entity}` is given by pipeline `{owner}` already"
                )
                message += "." if first.type == feature.type else f", as {first.type}; here it is {feature.type}."
                yield feature.place.finding(self.code, message, help="give it another name", others=(owner,))
