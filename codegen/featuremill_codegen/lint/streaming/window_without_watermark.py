from __future__ import annotations

from collections.abc import Iterator

from featuremill_codegen.errors import Finding
from featuremill_codegen.lint.rule import Rule
from featuremill_codegen.lint.streaming.windows import windows
from featuremill_codegen.lint.subject import Subject


class WindowWithoutWatermark(Rule):
    """An event-time window over a source without a watermark.

    A window closes when the watermark passes its end. Without one there is nothing to close it: the planner refuses the
    query, or the window never emits.
    """

    code = "FM201"
    why = "nothing ever closes the window, so the feature never gets a value"

    def check(self, subject: Subject) -> Iterator[Finding]:
        tables = {table.name: table for table in subject.tables}
        for statement, time, origins in windows(subject):
            for origin, name in sorted(origins):
                source = tables[origin]
                computed = any(each.name == name and each.kind == "computed" for each in source.columns)
                if source.watermark != name and not computed:
                    message = f"This window is over `{time.name}`, but the table `{origin}` has no watermark for it."
                    help = f"in source.sql: WATERMARK FOR {name} AS {name} - INTERVAL '5' MINUTE"
                    yield statement.finding(self.code, message, time, help=help)
