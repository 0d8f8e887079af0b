from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class UnreadableFile(LoadingRule):
    """A file that is missing, empty, too large or not UTF-8.

    A stream has `feature.yaml`, `source.sql` and `transform.sql`, a batch `source.hql` and `transform.hql` instead,
    each of at most 1,000,000 bytes of UTF-8. A byte order mark and Windows line ends are fine.
    """

    code = "FM100"
    why = "what can't be read can't be deployed: nothing of the pipeline would run"
