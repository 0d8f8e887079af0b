from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class FeatureWithoutColumn(LoadingRule):
    """A feature of feature.yaml that the query doesn't give.

    Under `features:` stands what SQL can't say of a column of the query: each name there is one of its columns.
    """

    code = "FM115"
    why = "its description, unit and default would be about nothing, most often because a column was renamed"
