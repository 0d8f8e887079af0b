from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FeatureSets(LoadingRule):
    """A feature set that names what there isn't.

    `pipelines/feature_sets.yaml` pins what models read: each set has an `entity` and `features` of it, each of them
    once, and may have a `description`. What a twin or a history gives is no feature that readers get. Where a pipeline
    can't be loaded no name is looked for, since it may be there.
    """

    code = "FM132"
    why = "no registry can be made of it, and a model that reads by the set's name gets none of its features"
