from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class KeyMissing(LoadingRule):
    """A query without the entity's key column.

    The columns of the query are found by name. Each key of the entity in `feature.yaml` is a column of the
    query with that name.
    """

    code = "FM110"
    why = "without its key a row belongs to no entity, so no reader could ever ask for it"
