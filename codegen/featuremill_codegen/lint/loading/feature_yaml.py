from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FeatureYamlKeys(LoadingRule):
    """A key or value that feature.yaml doesn't have.

    `owner`, `description`, `entity` and `max_age` are required; README lists the others. A key that stands
    twice, an alias or a deep nesting is refused as well.
    """

    code = "FM103"
    why = "the key would be ignored, and what it was meant to say would not happen"
