from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.joins import hints, is_regular, state_expires
from featuremill_codegen.lint.subject import Subject


class ExpiringDimension(Rule):
    """A table without event times, joined under the time to live of the events' state.

    `table.exec.state.ttl` holds for both sides of a regular join. Events are replaced by later ones; the rows of a
    reference table (one without a watermark) come once, expire after that time, and are not sent again. A STATE_TTL
    hint behind SELECT gives such a side a time of its own: `'0 s'` is for ever.
    """

    code = "FM214"
    why = "after that time the join finds nothing any more: rows are lost, or their columns are null, without an error"

    def check(self, subject: Subject) -> Iterator[Finding]:
        if not state_expires(subject):
            return
        ttl = subject.pipeline.config.flink["table.exec.state.ttl"]
        timeless = {table.name for table in subject.tables if table.watermark is None}
        for statement, select in subject.find(exp.Select):
            joins = [join for join in select.args.get("joins") or () if is_regular(join)]
            from_ = select.args.get("from_")
            if not joins or from_ is None:
                continue
            sides = [from_.this, *(join.this for join in joins)]
            references = [each for each in sides if isinstance(each, exp.Table) and each.name in timeless]
            if len(references) == len(sides):
                continue  # nothing here has a time: which side is the events' isn't plain
            named = hints(select)
            for side in references:
                alias = side.alias_or_name
                if "STATE_TTL" in named and f"'{alias.upper()}'" in named:
                    continue
                message = f"The rows of `{side.name}` expire {ttl} after they came, as the events' do."
                help = f"SELECT /*+ STATE_TTL('{alias}' = '0 s') */, or join FOR SYSTEM_TIME AS OF"
                yield finding_at(statement, self.code, message, side, help=help)
