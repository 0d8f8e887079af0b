from __future__ import annotations

from featuremill_codegen.lint.rule import LoadingRule


class MisplacedStatement(LoadingRule):
    """A statement that doesn't belong where it stands.

    `source.sql` holds `CREATE TABLE`s, `transform.sql` `CREATE VIEW`s and then one query. The platform writes
    the `INSERT`; Flink's settings stand in `feature.yaml` under `flink:`. The same holds for `source.hql` and
    `transform.hql` of a batch.
    """

    code = "FM102"
    why = "the platform writes what surrounds the query, and a statement that it doesn't expect would undo that"
