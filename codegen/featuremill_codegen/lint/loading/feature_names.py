from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FeatureNames(LoadingRule):
    """Columns without a name, with the same name, with one that a feature can't have, or none at all.

    Every column that is neither a key nor `event_time` is a feature. Its name is a lower-case letter, then at
    most 62 lower-case letters, digits and underscores.
    """

    code = "FM112"
    why = "readers ask for a feature by its name: one that is missing, doubled or not a name can't be asked for"
