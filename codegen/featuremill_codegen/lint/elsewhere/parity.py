from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class Parity(LoadingRule):
    """A twin that can't be compared.

    `parity_with` names a pipeline that must give equal features from the same golden rows. So it must be there, have
    the same entity and source tables of the same names and columns, and share at least one feature's name. One of them
    may be a batch and the other a stream: a timestamp's precision may differ, and the stream computes its columns of
    time.
    """

    code = "FM641"
    why = "two pipelines that are thought to be equal, and never were compared, drift apart in silence"
