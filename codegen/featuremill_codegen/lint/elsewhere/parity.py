from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class Parity(LoadingRule):
    """A twin that can't be compared.

    `parity_with` names a pipeline that must give equal features from the same golden rows. So it must be there, have
    the same entity and the same source tables, and share at least one feature's name.
    """

    code = "FM641"
    why = "two pipelines that are thought to be equal, and never were compared, drift apart in silence"
