from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class PipelineFolder(LoadingRule):
    """A folder that can't be a pipeline.

    A pipeline's folder is named like a feature, by none of the names of the platform's own commands, and holds
    either `.sql` files (a stream) or `.hql` files (a batch).
    """

    code = "FM118"
    why = "a folder that isn't a pipeline would be left out of every deployment in silence"
