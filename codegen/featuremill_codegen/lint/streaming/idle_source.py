from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.spans import finding_at
from featuremill_codegen.lint.streaming.windows import windows
from featuremill_codegen.lint.subject import Subject

_OPTION, _SETTING = "scan.watermark.idle-timeout", "table.exec.source.idle-timeout"
_PARTITIONED = ("kafka",)


class IdleSource(Rule):
    """A window over a source whose watermark stops when one of its partitions is silent.

    The watermark of a topic is the lowest of its partitions'. A partition that brings nothing holds it where it was,
    and every window stays open. With an idle timeout such a partition is left out until it speaks again.
    """

    code = "FM208"
    why = "one silent partition at night stops all windows, and every feature goes stale though events come in"

    def check(self, subject: Subject) -> Iterator[Finding]:
        if not subject.pipeline.config.flink.get(_SETTING, "0").lstrip().startswith("0"):
            return
        windowed = {origin for window in windows(subject) for origin, _ in window.origins}
        for table in subject.tables:
            if table.name not in windowed or table.watermark is None or table.connector not in _PARTITIONED:
                continue
            if _OPTION not in table.options:
                node = table.statement.tree.find(exp.WatermarkColumnConstraint)
                message = f"The watermark of `{table.name}` waits for every partition, a silent one too."
                help = f"add '{_OPTION}' = '1 min' to WITH (…)"
                yield finding_at(table.statement, self.code, message, node, help=help)
